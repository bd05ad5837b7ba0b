// SPDX-License-Identifier: Apache-2.0
#include "topology/boxes.hpp"

#include "output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string_view>

namespace twill::tool {

namespace {

constexpr double form = 1.6; ///< width by height that the boxes within one are to come to
constexpr std::size_t most_columns = 64;

/// What a letter takes at most, by its class, so that "w1023" gets more room than "l3:12".
constexpr double letter_width(char letter) {
    constexpr std::string_view narrow = " !\"'(),-./:;IJ[\\]fijlrt|";
    constexpr std::string_view wide = "#&+<=>ABCDGHKMNOQRSUVXZ^w~";
    constexpr std::string_view widest = "%@Wm";
    const auto in = [letter](std::string_view letters) {
        return letters.find(letter) != std::string_view::npos;
    };
    return font_size * (in(narrow) ? 0.46 : in(widest) ? 1.08 : in(wide) ? 0.87 : 0.66);
}

struct extent {
    double width = 0;
    double height = 0;
};

/// Puts boxes in rows of at most `target`, from (0, 0), and says how much room they take.
extent put_in_rows(std::vector<box>& boxes, double target) {
    extent all;
    double x = 0;
    double y = 0;
    double row_height = 0;
    for (box& one : boxes) {
        if (x > 0 && x + one.width > target) {
            x = 0;
            y += row_height + margin;
            row_height = 0;
        }
        one.x = x;
        one.y = y;
        x += one.width + margin;
        row_height = std::max(row_height, one.height);
        all.width = std::max(all.width, x - margin);
        all.height = y + row_height;
    }
    return all;
}

/// As long a first row as gives the best form: neither wide nor high.
extent put_in_best_rows(std::vector<box>& boxes) {
    double best_target = 0;
    double best_size = std::numeric_limits<double>::max();
    double target = 0;
    for (std::size_t k = 0; k < boxes.size() && k < most_columns; ++k) {
        target += boxes[k].width + (k == 0 ? 0 : margin);
        const extent all = put_in_rows(boxes, target);
        const double size = std::max(all.width, all.height * form);
        if (size < best_size) {
            best_size = size;
            best_target = target;
        }
    }
    return put_in_rows(boxes, best_target);
}

/// Sizes, and places relative to the box's own corner.
void measure(box& outer) {
    double widest = outer.room;
    for (const std::string& line : outer.lines) {
        widest = std::max(widest, text_width(line));
    }
    for (box& one : outer.inside) {
        measure(one);
    }
    const extent all = put_in_best_rows(outer.inside);
    const double top = margin + line_height * static_cast<double>(outer.lines.size());
    for (box& one : outer.inside) {
        one.x += margin;
        one.y += top;
    }
    outer.width = std::max(widest, all.width) + 2 * margin;
    outer.height = top + (outer.inside.empty() ? 0 : all.height + margin);
}

void move(box& outer, double x, double y) {
    outer.x += x;
    outer.y += y;
    for (box& one : outer.inside) {
        move(one, outer.x, outer.y);
    }
}

} // namespace

double text_width(const std::string& text) {
    double width = 0;
    for (const char one : text) {
        width += letter_width(one);
    }
    return width;
}

void lay_out(box& outer, double x, double y) {
    outer.x = 0;
    outer.y = 0;
    measure(outer);
    move(outer, x, y);
}

void draw(const box& outer, std::string& out) {
    const auto put = std::back_inserter(out);
    fmt::format_to(put,
                   "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
                   "fill=\"{}\"/>\n",
                   outer.x, outer.y, outer.width, outer.height, outer.fill);
    double base = outer.y + margin / 2;
    for (const std::string& line : outer.lines) {
        base += line_height;
        fmt::format_to(put, "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", outer.x + margin,
                       base - 3, xml_text(line));
    }
    for (const box& one : outer.inside) {
        draw(one, out);
    }
}

} // namespace twill::tool

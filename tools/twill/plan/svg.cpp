// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"
#include "plan/outputs.hpp"
#include "plan_file/error.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace twill::tool {

namespace {

// All in pixels of the picture.
constexpr double left = 70;
constexpr double top = 40;
constexpr double chart_width = 960;
constexpr double right = 20;
constexpr double row = 26;
constexpr double block = 22;
constexpr double axis = 34;
constexpr double letter = 6.6; ///< at the font size of labels
constexpr double most_ticks = 10;

/// Fills that black text can be read on; a kind each, in turn.
constexpr std::array<const char*, 8> fills{"#9ecae1", "#fdd0a2", "#a1d99b", "#dadaeb",
                                           "#fcbba1", "#c7e9c0", "#d9d9d9", "#fee391"};

/// The beginning of a text that has room for so many letters; nothing where that would say nothing.
std::string fitting(std::string_view text, double width) {
    const auto letters = static_cast<std::size_t>(std::max(width / letter - 1, 0.0));
    std::size_t count = 0;
    std::size_t cut = 0; // before the last letter that there is room for
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) {
            if (++count == letters) {
                cut = at;
            }
        }
    }
    if (count <= letters) {
        return std::string(text);
    }
    return letters < 3 ? std::string() : std::string(text.substr(0, cut)) + "\u2026";
}

/// 1, 2 or 5 times a power of ten, so that no more than most_ticks fit into `length`.
double tick_of(double length) {
    const double power = std::pow(10, std::floor(std::log10(length / most_ticks)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (length / (power * factor) <= most_ticks) {
            return power * factor;
        }
    }
    return power * 10;
}

double x_of(double time, double makespan) {
    return left + (makespan > 0 ? time / makespan * chart_width : 0);
}

/// As it is written, so that a block ends exactly where the next one begins.
double rounded(double pixels) { return std::round(pixels * 100) / 100; }

void draw_axis(std::string& out, double makespan, double bottom) {
    const auto put = std::back_inserter(out);
    const double step = makespan > 0 ? tick_of(makespan) : 1;
    for (int k = 0; k * step <= makespan * (1 + 1e-9); ++k) {
        const double x = rounded(x_of(k * step, makespan));
        fmt::format_to(put, "<line class=\"t\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/>\n", x,
                       top, bottom + 4);
        fmt::format_to(put, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x,
                       bottom + 18, shown(k * step));
    }
}

void draw_core(std::string& out, const planned_input& input, std::size_t number, double y) {
    const auto put = std::back_inserter(out);
    const plan_core& core = input.made.cores[number];
    fmt::format_to(put, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">core {}</text>\n", left - 8,
                   y + 15, number);
    double time = 0;
    for (const std::size_t task : core.tasks) {
        const double begin = rounded(x_of(time / core.speed, input.made.makespan));
        time += input.facts[task].time;
        const double end = rounded(x_of(time / core.speed, input.made.makespan));
        const std::string name = quotable(input.tasks[task].name);
        const auto kind = static_cast<std::size_t>(input.facts[task].kind);
        const std::string of_kind =
            input.tasks[task].kind.empty() ? "" : ", " + quotable(input.tasks[task].kind);
        fmt::format_to(put,
                       "<g><title>{}{}: {}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" "
                       "height=\"{}\" fill=\"{}\"/>",
                       xml_text(name), xml_text(of_kind), shown(input.facts[task].time), begin, y,
                       rounded(end - begin), block, fills[kind % fills.size()]);
        if (const std::string label = fitting(name, end - begin); !label.empty()) {
            fmt::format_to(put, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                           rounded((begin + end) / 2), y + 15, xml_text(label));
        }
        out += "</g>\n";
    }
}

} // namespace

std::string plan_as_svg(const planned_input& input) {
    const plan& made = input.made;
    const double bottom = top + row * static_cast<double>(made.cores.size());
    const double width = left + chart_width + right;
    const double height = bottom + axis;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const auto put = std::back_inserter(out);
    fmt::format_to(put,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
                   "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                   "<style>rect{{stroke:#555;stroke-width:.5}}.t{{stroke:#ccc}}</style>\n"
                   "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\" style=\"stroke:none\"/>\n",
                   width, height);
    fmt::format_to(put, "<text x=\"{}\" y=\"24\" font-size=\"14\">", left);
    fmt::format_to(put, "{}: makespan C = {}, S = {}, lower bound {}</text>\n",
                   xml_text(input.strategy), shown(made.makespan), shown(made.total_load),
                   shown(made.lower_bound));
    draw_axis(out, made.makespan, bottom);
    for (std::size_t j = 0; j < made.cores.size(); ++j) {
        draw_core(out, input, j, top + row * static_cast<double>(j) + (row - block) / 2);
    }
    out += "</svg>\n";
    return out;
}

} // namespace twill::tool

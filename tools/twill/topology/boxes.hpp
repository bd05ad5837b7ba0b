// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace twill::tool {

/// A rectangle of a picture with lines of text at its top and boxes below them. All in pixels.
struct box {
    std::vector<std::string> lines;
    std::string fill = "#fff";
    std::vector<box> inside = {};
    double room = 0; ///< for text, at the least: boxes of one sort are alike and stand in columns
    double x = 0;    ///< these by lay_out()
    double y = 0;
    double width = 0;
    double height = 0;
};

inline constexpr double line_height = 14;
inline constexpr double font_size = 11;
inline constexpr double margin = 6;

/// How wide a text of printable ASCII is at most, in fonts up to the widest that "sans-serif"
/// commonly stands for (DejaVu Sans, Verdana).
double text_width(const std::string& text);

/// Gives the box and all within it their sizes and places, its own corner at (x, y). What is inside
/// stands in rows, about half as high again as wide, and nothing overlaps.
void lay_out(box& outer, double x, double y);

/// As rectangles and texts of an SVG picture.
void draw(const box& outer, std::string& out);

} // namespace twill::tool

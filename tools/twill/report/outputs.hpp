// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/profile.hpp"
#include "verdict/verdict.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twill::tool {

/// What a report shows, in words and as JSON.
struct report_input {
    profile::profile of;
    profile::verdict judged;

    /// What the verdict and the figures are of.
    [[nodiscard]] const profile::profile& part() const noexcept {
        return judged.part ? *judged.part : of;
    }
};

/// How much of it as text.
struct report_shape {
    std::vector<std::string> only; ///< names of sections; empty: all
    std::size_t rows = 20;         ///< of a table at most; 0: all
};

/// The names of all sections, in the order in which they are printed.
const std::vector<std::string>& section_names();

std::string report_as_text(const report_input& input, const report_shape& shape);
std::string report_as_json(const report_input& input);

// The sections, each with a last empty line, or nothing if there is nothing to show.
std::string verdict_section(const report_input& input);
std::string accounts_section(const report_input& input);
std::string workers_section(const report_input& input);
std::string places_section(const report_input& input, std::size_t rows);
std::string threads_section(const report_input& input, std::size_t rows);
std::string runtimes_section(const report_input& input, std::size_t rows);
std::string kinds_section(const report_input& input, std::size_t rows);
std::string regions_section(const report_input& input, std::size_t rows);
std::string responses_section(const report_input& input);
std::string durations_section(const report_input& input, std::size_t rows);
std::string figures_section(const report_input& input);
std::string notes_section(const report_input& input);

/// The build id of the program, or why it is absent.
std::string build_id_line(const profile::profile& of);

/// How many of `all` rows a table shows at most `rows` of, or with 0 all.
std::size_t rows_of(std::size_t all, std::size_t rows);
/// What a table leaves out is said.
void say_left_out(std::string& out, std::size_t all, std::size_t shown, const char* what);
/// The reason where a file lacks what later ones have.
inline constexpr const char* older = "the file is older than this";

/// The longest line, in columns.
inline constexpr std::size_t line_width = 100;

/// Of `whole`; 0 if that is 0.
double share(profile::nanoseconds part, profile::nanoseconds whole);
/// A time with its unit.
std::string ns_text(profile::nanoseconds time);
/// `title` and the text in lines of at most 100 columns, continued under the text.
std::string paragraph(std::string_view title, std::string_view text);
/// So many of `letter` as `part` of `width` is, rounded.
std::string bar(double part, std::size_t width, char letter);

} // namespace twill::tool

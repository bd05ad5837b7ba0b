// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "compare/comparison.hpp"
#include "output.hpp"
#include "profile/read.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>
#include <string_view>

namespace twill::tool {

namespace {

constexpr double largest_gate = 1000; // per cent
constexpr double per_cent = 0.01;

struct compare_arguments {
    std::vector<std::string> before;
    std::vector<std::string> after;
    std::string lists[2]; ///< of before and of after, as given
    std::string gate = "5%";
    double gate_part = 0; ///< what it says, after check()
    std::string json;
};

std::vector<profile::profile> read_all(const std::vector<std::string>& files) {
    std::vector<profile::profile> all;
    all.reserve(files.size());
    for (const std::string& file : files) {
        all.push_back(profile::read(file));
    }
    return all;
}

int run_compare(const compare_arguments& arguments) {
    const comparison made =
        compare(read_all(arguments.before), read_all(arguments.after), arguments.gate_part);
    if (arguments.json == standard_stream) {
        print(comparison_as_json(made));
    } else {
        if (!arguments.json.empty()) {
            write_file(arguments.json, comparison_as_json(made));
        }
        print(comparison_as_text(made));
    }
    return made.regression ? judged_bad : done;
}

/// A part of one from `5%` or `5`. Throws CLI::ValidationError.
double parse_gate(const std::string& text) {
    const std::string_view digits = text.ends_with('%')
                                        ? std::string_view(text).substr(0, text.size() - 1)
                                        : std::string_view(text);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || !(value >= 0) ||
        value > largest_gate) {
        throw CLI::ValidationError(
            "--gate", fmt::format("expected 0% to {:.0f}%, got \"{}\"", largest_gate, text));
    }
    return value * per_cent;
}

/// The parts of `list` between commas, at the end of `to`. Nothing of an empty list.
void append_list(std::string_view list, std::vector<std::string>& to) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        to.emplace_back(list.substr(0, comma));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

void check(compare_arguments& arguments) {
    arguments.gate_part = parse_gate(arguments.gate);
    append_list(arguments.lists[0], arguments.before);
    append_list(arguments.lists[1], arguments.after);
    if (arguments.before.empty() || arguments.after.empty()) {
        throw CLI::RequiredError("a profile before and one after");
    }
}

constexpr const char* description = "whether a program became slower, and which account moved";

constexpr const char* footer = R"(
BEFORE and AFTER are profiles (.twl), several between commas; --before and --after, each given as
often as needed, add files, whatever is in their names. Of each side the medians count.

It is a regression if the ratio of the wall times is above 1 + gate, and, with two profiles or more
on both sides, 95 % of 2,000 bootstrap resamples are above 1.

Exit codes: 0; 1 for a regression; 2 for wrong usage and files that cannot be read.

Examples:
  twill compare old.twl new.twl
  twill compare --gate 2% old1.twl,old2.twl,old3.twl new1.twl,new2.twl,new3.twl)";

} // namespace

void add_compare(CLI::App& program, chosen_command& chosen) {
    const auto arguments = std::make_shared<compare_arguments>();
    CLI::App* const command = program.add_subcommand("compare", description);
    command->footer(footer);
    const char* const sides[] = {"BEFORE", "AFTER"};
    const char* const texts[] = {"profiles of before", "profiles of after"};
    for (std::size_t k = 0; k < std::size(sides); ++k) {
        command->add_option(sides[k], arguments->lists[k], texts[k])->type_name("FILE,...");
    }
    const auto more = [&](const char* name, std::vector<std::string>& to, const char* text) {
        command->add_option(name, to, text)->type_name("FILE")->allow_extra_args(false);
    };
    more("--before", arguments->before, "a profile of before");
    more("--after", arguments->after, "a profile of after");
    command->add_option("--gate", arguments->gate, "how much longer is a regression, in per cent")
        ->type_name("PERCENT")
        ->capture_default_str();
    command
        ->add_option("--json", arguments->json,
                     "write the comparison into this file as JSON; - prints it in place of the "
                     "text")
        ->type_name("FILE");
    command->callback([arguments, &chosen] {
        check(*arguments);
        chosen = [arguments] { return run_compare(*arguments); };
    });
}

} // namespace twill::tool

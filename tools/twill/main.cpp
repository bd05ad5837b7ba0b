// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "output.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

/// Takes off what comes after --, if the command is record: a program with its arguments, which are
/// none of this one and stay as they are.
std::vector<std::string> take_program(int& count, char** arguments) {
    if (count < 2 || std::string_view(arguments[1]) != "record") {
        return {};
    }
    for (int k = 2; k < count; ++k) {
        if (std::string_view(arguments[k]) == "--") {
            std::vector<std::string> program(arguments + k + 1, arguments + count);
            count = k;
            return program;
        }
    }
    return {};
}

int run(int count, char** arguments) {
    std::vector<std::string> after_dashes = take_program(count, arguments);
    CLI::App program(
        "What a program's cores are doing, did, and could do. Each command has a --help "
        "of its own.\n",
        "twill");
    program.footer(
        "\nExit codes: 0; 1 where a command judges and says no; 2 for wrong usage and wrong "
        "input, with\nthe reason on standard error; record passes on those of the "
        "program.");
    program.require_subcommand(1);
    twill::tool::chosen_command chosen;
    twill::tool::add_record(program, chosen, std::move(after_dashes));
    twill::tool::add_report(program, chosen);
    twill::tool::add_compare(program, chosen);
    twill::tool::add_export(program, chosen);
    twill::tool::add_plan(program, chosen);
#ifdef TWILL_HAS_TOPOLOGY
    twill::tool::add_topology(program, chosen);
#endif
    try {
        program.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        const int code = program.exit(error, out, std::cerr);
        twill::tool::print(out.str());
        return code == 0 ? twill::tool::done : twill::tool::wrong_input;
    }
    return chosen();
}

} // namespace

int main(int count, char** arguments) {
    try {
        return run(count, arguments);
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "twill: there is not enough memory for this\n");
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
    }
    return twill::tool::wrong_input;
}

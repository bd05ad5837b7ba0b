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

namespace {

int run(int count, char** arguments) {
    CLI::App program(
        "What a program's cores are doing, did, and could do. Each command has a --help "
        "of its own.\n",
        "twill");
    program.footer("\nEach command has a --help of its own. Exit codes: 0; 2 for wrong usage and "
                   "wrong input, with\nthe reason on standard error.");
    program.require_subcommand(1);
    twill::tool::chosen_command chosen;
    twill::tool::add_plan(program, chosen);
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

// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "output.hpp"
#include "plan_file/error.hpp"
#include "profile/read.hpp"
#include "record/run.hpp"
#include "verdict/verdict.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace twill::tool {

namespace {

namespace files = std::filesystem;

struct record_arguments {
    std::vector<std::string> command;
    std::string mode = "kinds";
    std::string file;
    bool force = false;
    bool quiet = false;
};

/// `sort.twl`, or `sort.2.twl` and so on: what is not there yet, for /usr/bin/sort.
std::string free_name(const std::string& program) {
    const std::string stem = files::path(program).filename().string();
    std::string name = stem + ".twl";
    for (int number = 2; files::exists(name); ++number) {
        name = fmt::format("{}.{}.twl", stem, number);
    }
    return name;
}

/// As TWILL_RECORD has it, where %p would be the number of the process.
std::string escaped(const std::string& path) {
    std::string text;
    for (const char one : path) {
        text += one;
        if (one == '%') {
            text += one;
        }
    }
    return text;
}

/// Where the file is and the verdict, or why there is none. The program's output stays as it is:
/// this goes to standard error.
void tell(const std::string& file) {
    std::error_code error;
    const auto size = files::file_size(file, error);
    if (error) {
        fmt::print(stderr,
                   "twill record: {}: was not written: the program ran no verb of Twill, was "
                   "built without recording, or said why above\n",
                   file);
        return;
    }
    constexpr double million = 1e6;
    try {
        const profile::profile of = profile::read(file);
        fmt::print(stderr, "twill record: {} ({:.1f} MB); twill report {} tells more\n", file,
                   static_cast<double>(size) / million, file);
        fmt::print(stderr, "{}\n", one_line(profile::judge(of)));
    } catch (const std::exception& reason) {
        fmt::print(stderr, "twill record: {}\n", reason.what());
    }
}

int run_record(const record_arguments& arguments) {
    const std::string file =
        arguments.file.empty() ? free_name(arguments.command.front()) : arguments.file;
    std::error_code error;
    const files::file_status there = files::symlink_status(file, error);
    if (files::exists(there)) {
        if (!arguments.force) {
            throw std::runtime_error(
                fmt::format("{}: exists; --force replaces it", quotable(file)));
        }
        if (!files::is_regular_file(there)) {
            throw std::runtime_error(
                fmt::format("{}: is no regular file, and is not replaced", quotable(file)));
        }
        // The program makes the file, and takes none that is there.
        files::remove(file);
    }
    // Absolute, because the program may change its folder before its first verb.
    const std::string where = escaped(files::absolute(file).string()) + ':' + arguments.mode;
    const ending how = run_program(arguments.command, {{"TWILL_RECORD", where}});
    if (!arguments.quiet) {
        tell(file);
    }
    return end_as(how);
}

constexpr const char* description =
    "run a program and record where its time goes: record [OPTIONS] -- PROG [ARGUMENT...]";

constexpr const char* footer = R"(
PROG is run with its arguments, by PATH, and with TWILL_RECORD set. Its input and output
are its own; signals to this program go to it, and its exit code or signal becomes that of this
program. Afterwards the name of the file and the verdict are on standard error.

Modes:
  counters  where each worker's time went, now and then
  kinds     the same, and kinds of tasks, regions and responses
  full      every strand and every event, at most 8.5 bytes each: work and span, and twill export

Without -o the file is PROG.twl, or PROG.2.twl and so on if that is there. A program that is killed
leaves a file that can be read up to its last full chunk.

Exit codes: those of PROG; 2 if it could not be run, or the file is there already.

Examples:
  twill record -- ./program --size 1000
  twill record --mode full -o run.twl --force -- ./program && twill report run.twl)";

} // namespace

void add_record(CLI::App& program, chosen_command& chosen, std::vector<std::string> after_dashes) {
    const auto arguments = std::make_shared<record_arguments>();
    arguments->command = std::move(after_dashes);
    CLI::App* const command = program.add_subcommand("record", description);
    command->footer(footer);
    command->add_option("--mode", arguments->mode, "counters, kinds or full")
        ->type_name("MODE")
        ->capture_default_str()
        ->check(CLI::IsMember({"counters", "kinds", "full"}).description(""));
    command->add_option("-o,--output", arguments->file, "the profile to write")->type_name("FILE");
    command->add_flag("--force", arguments->force, "replace the file if it is there");
    command->add_flag("-q,--quiet", arguments->quiet, "say nothing afterwards");
    command->callback([arguments, &chosen] {
        if (arguments->command.empty()) {
            throw CLI::RequiredError("-- PROG");
        }
        chosen = [arguments] { return run_record(*arguments); };
    });
}

} // namespace twill::tool

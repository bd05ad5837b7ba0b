// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "export/formats.hpp"
#include "output.hpp"
#include "profile/read.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>

namespace twill::tool {

namespace {

using exporter = std::uint64_t (*)(const profile::profile&, const event_source&, output_file&);

struct export_arguments {
    std::string file;
    std::string output;
    exporter format = nullptr;
};

int run_export(const export_arguments& arguments) {
    const profile::profile of = profile::read(arguments.file);
    if (of.events == 0) {
        throw std::runtime_error(fmt::format(
            "{}: has no events: record it with twill record --mode full", arguments.file));
    }
    output_file to(arguments.output);
    const std::uint64_t unmatched = arguments.format(
        of,
        [&](const std::function<void(const recorded_event&)>& callback) {
            profile::for_each_event(arguments.file, callback);
        },
        to);
    to.close();
    if (of.dropped > 0) {
        fmt::print(stderr, "{}: {} events were dropped as it was recorded\n", arguments.file,
                   of.dropped);
    }
    if (unmatched > 0) {
        fmt::print(stderr,
                   "{}: {} beginnings or ends had no counterpart, and were ended with what "
                   "is around them or left out\n",
                   arguments.file, unmatched);
    }
    return done;
}

constexpr const char* description = "the events of a recorded program, for other programs";

constexpr const char* footer = R"(
Formats:
  --perfetto  a trace for ui.perfetto.dev: for each thread a track of what it ran (roots, tasks,
              kinds, regions, waits; steals, wakes and the like as instants), and one of what its
              time counted as (useful, dispatch, search, parked)
  --chrome    the same as JSON, for chrome://tracing and speedscope
  --folded    a line for each stack of regions and kinds with its nanoseconds, for flame graphs
  --csv       a line for each event, and only here are strands:
              thread,ns,event,payload,second,runtime

FILE must be of mode full. The events of one thread are in the order of time.

Examples:
  twill record --mode full -o run.twl -- ./program
  twill export run.twl --perfetto -o run.perfetto
  twill export run.twl --folded -o - | flamegraph.pl > run.svg)";

} // namespace

void add_export(CLI::App& program, chosen_command& chosen) {
    const auto arguments = std::make_shared<export_arguments>();
    CLI::App* const command = program.add_subcommand("export", description);
    command->footer(footer);
    command->add_option("FILE", arguments->file, "a profile (.twl) of mode full")->required();
    command
        ->add_option("-o,--output", arguments->output,
                     "the file to write; - is standard output; a file that exists is overwritten")
        ->type_name("OUT")
        ->required();
    CLI::Option_group* const formats = command->add_option_group("format");
    const std::pair<const char*, std::pair<exporter, const char*>> all[] = {
        {"--perfetto", {&export_perfetto, "a Perfetto trace"}},
        {"--chrome", {&export_chrome, "Chrome's trace events"}},
        {"--folded", {&export_folded, "folded stacks"}},
        {"--csv", {&export_csv, "a table of all events"}},
    };
    for (const auto& [flag, format] : all) {
        formats->add_flag_callback(
            flag, [arguments, chosen_format = format.first] { arguments->format = chosen_format; },
            format.second);
    }
    formats->require_option(1);
    command->callback(
        [arguments, &chosen] { chosen = [arguments] { return run_export(*arguments); }; });
}

} // namespace twill::tool

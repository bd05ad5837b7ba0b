// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "output.hpp"
#include "topology/outputs.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace twill::tool {

namespace {

struct topology_arguments {
    std::string json;
    std::string svg;
};

void write_out(const std::string& path, const std::string& text) {
    if (path == standard_stream) {
        print(text);
    } else {
        write_file(path, text);
    }
}

int run_topology(const topology_arguments& arguments) {
    const machine_view view = read_machine();
    if (!arguments.json.empty()) {
        write_out(arguments.json, machine_as_json(view));
    }
    if (!arguments.svg.empty()) {
        write_out(arguments.svg, machine_as_svg(view));
    }
    if (arguments.json != standard_stream && arguments.svg != standard_stream) {
        print(machine_as_text(view));
    }
    return done;
}

constexpr const char* description =
    "the machine, the workers on it, and whom each of them looks at for work";

constexpr const char* footer = R"(
Each worker has a row: its processor (pu, the number of the CPU), core, L2, L3, NUMA node and package,
the kind of its core (P or E where there are both), and how many siblings on its core come before it.

The environment chooses: TWILL_TOPOLOGY (machine, synthetic:TEXT in hwloc's syntax, xml:FILE as written by
lstopo), TWILL_PLACES (cores, l3, nodes, or CPUs like 0-3,8), TWILL_WORKERS
and TWILL_STEAL (uniform or level).

Examples:
  twill topology
  twill topology --json - | jq '.workers[].node'
  TWILL_TOPOLOGY='synthetic:pack:2 [numa] l3:4 core:8 pu:2' twill topology --svg machine.svg)";

} // namespace

void add_topology(CLI::App& program, chosen_command& chosen) {
    const auto arguments = std::make_shared<topology_arguments>();
    CLI::App* const command = program.add_subcommand("topology", description);
    command->footer(footer);
    command
        ->add_option("--json", arguments->json,
                     "write one JSON object into this file too; - or nothing prints it in place of "
                     "the text")
        ->type_name("FILE")
        ->expected(0, 1)
        ->default_str(std::string(standard_stream));
    command
        ->add_option("--svg", arguments->svg,
                     "draw the machine into this file too; - prints it in place of the text")
        ->type_name("PICTURE");
    command->callback([arguments, &chosen] {
        if (arguments->json == standard_stream && arguments->svg == standard_stream) {
            throw CLI::ValidationError("--svg", "there is one standard output for it and --json");
        }
        chosen = [arguments] { return run_topology(*arguments); };
    });
}

} // namespace twill::tool

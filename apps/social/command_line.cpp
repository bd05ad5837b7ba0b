// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include "commands.hpp"
#include "file.hpp"
#include "input_error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

namespace social {
namespace {

void add_rmat(CLI::App& command, rmat_arguments& arguments, bool required) {
    CLI::Option* const scale =
        command.add_option("--rmat", arguments.model.scale, "a random graph of 2^SCALE vertices")
            ->type_name("SCALE")
            ->check(CLI::Range(1U, rmat::largest_scale))
            ->required(required);
    command
        .add_option("--edges-per-vertex", arguments.model.edges_per_vertex,
                    "edges of the random graph for each of its vertices")
        ->capture_default_str()
        ->check(CLI::Range(1U, rmat::most_edges_per_vertex))
        ->needs(scale);
    command.add_option("--seed", arguments.model.seed, "another seed, another random graph")
        ->capture_default_str()
        ->needs(scale);
    arguments.given = [scale] { return scale->count() > 0; };
}

void add_workers(CLI::App& command, int& workers) {
    constexpr int most_workers = 4096;
    command.add_option("--workers", workers, "how many workers, in place of TWILL_WORKERS")
        ->check(CLI::Range(1, most_workers));
}

CLI::App* add_run(CLI::App& program, run_arguments& arguments) {
    CLI::App* const command = program.add_subcommand(
        "run", "count triangles and rank the vertices by PageRank; without FILE or --rmat, of the "
               "embedded package graph");
    CLI::Option* const file = command->add_option(
        "FILE", arguments.file, "a SNAP edge list, plain or in gzip; - is standard input");
    add_rmat(*command, arguments.model, false);
    command->get_option("--rmat")->excludes(file);
    command
        ->add_option("--damping", arguments.options.pagerank.damping,
                     "the probability to follow an edge")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 0.999));
    command
        ->add_option("--tolerance", arguments.options.pagerank.tolerance,
                     "PageRank ends when the ranks change by less than this in sum")
        ->capture_default_str()
        ->check(CLI::Range(1e-14, 1.0));
    command->add_option("--top", arguments.top, "show so many vertices of the highest rank")
        ->capture_default_str();
    CLI::Option* const serial =
        command->add_flag("--serial", arguments.options.serial, "the serial version alone");
    command
        ->add_flag("--check", arguments.options.check,
                   "hold the results against the serial version; exit code 1 if they differ")
        ->excludes(serial);
    command
        ->add_flag("--compare", arguments.options.compare,
                   "run the serial version and the parallel one in turn, give the speedup")
        ->excludes(serial);
    command
        ->add_option("--repeat", arguments.repeat,
                     "so many rounds, of which medians are given "
                     "(1; with --compare 3)")
        ->check(CLI::Range(1U, 10000U));
    command
        ->add_option("--record", arguments.options.record,
                     "write a profile of the last parallel analysis, for twill report")
        ->type_name("FILE")
        ->excludes(serial);
    add_workers(*command, arguments.workers);
    command->add_flag("--json", arguments.json, "print one JSON object");
    command->add_flag("--quiet", arguments.options.quiet, "no progress bar");
    return command;
}

CLI::App* add_convert(CLI::App& program, convert_arguments& arguments) {
    CLI::App* const command = program.add_subcommand(
        "convert", "turn a Debian package index into an edge list of what depends on what");
    command
        ->add_option("PACKAGES", arguments.in,
                     "a file \"Packages\", plain or in gzip; - is standard input")
        ->required();
    command
        ->add_option("OUT", arguments.out,
                     "the edge list; in gzip if it ends in .gz; - is "
                     "standard output")
        ->required();
    command
        ->add_option("--largest", arguments.largest,
                     "only the so many packages with the most edges")
        ->check(CLI::Range(std::size_t{2}, std::size_t{largest_vertex}));
    command->add_option("--about", arguments.about, "a line to put at the head of OUT");
    return command;
}

CLI::App* add_generate(CLI::App& program, generate_arguments& arguments) {
    CLI::App* const command =
        program.add_subcommand("generate", "write a random graph (R-MAT) as an edge list");
    command
        ->add_option("OUT", arguments.out,
                     "the edge list; in gzip if it ends in .gz; - is "
                     "standard output")
        ->required();
    add_rmat(*command, arguments.model, true);
    add_workers(*command, arguments.workers);
    return command;
}

int run_command(int count, char** arguments) {
    CLI::App program("Triangle counting and PageRank over a graph, on all cores", "social");
    program.require_subcommand(1);
    run_arguments run;
    convert_arguments convert;
    generate_arguments generate;
    CLI::App* const run_command = add_run(program, run);
    CLI::App* const convert_command = add_convert(program, convert);
    add_generate(program, generate);
    try {
        program.parse(count, arguments);
    } catch (const CLI::ParseError& error) {
        const int code = program.exit(error);
        check_printed(stdout, "standard output");
        return code == 0 ? done : wrong_input;
    }
    if (run_command->parsed()) {
        return run_graph(run);
    }
    if (convert_command->parsed()) {
        return convert_packages(convert);
    }
    return generate_graph(generate);
}

} // namespace

int command_line(int count, char** arguments) {
    try {
        return run_command(count, arguments);
    } catch (const input_error& error) {
        fmt::print(stderr, "{}\n", error.what());
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "there is not enough memory for this graph\n");
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
    }
    return wrong_input;
}

} // namespace social

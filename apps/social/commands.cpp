// SPDX-License-Identifier: Apache-2.0
#include "commands.hpp"

#include "command_line.hpp"
#include "file.hpp"
#include "gzip.hpp"
#include "input_error.hpp"
#include "loops.hpp"
#include "packages.hpp"
#include "report.hpp"
#include "snap_writer.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <unistd.h>

namespace social {
namespace {

/// Before the first verb.
void set_workers(int workers) {
    if (workers > 0) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet
        ::setenv("TWILL_WORKERS", std::to_string(workers).c_str(), 1);
    }
}

/// The kernel promises memory that is not there and later kills whoever takes it, so this is asked
/// beforehand. Making a graph needs its edges twice and one set of neighbours at its peak.
void check_memory(const rmat& model, std::size_t bytes_per_edge) {
    const double wanted = static_cast<double>(model.edges()) * static_cast<double>(bytes_per_edge);
    const double there = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) *
                         static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (wanted > there) {
        constexpr double gibibyte = 1024.0 * 1024 * 1024;
        throw input_error(fmt::format("--rmat {}: {} edges need {:.0f} GiB, and this machine has "
                                      "{:.0f}",
                                      model.scale, model.edges(), wanted / gibibyte,
                                      there / gibibyte));
    }
}

} // namespace

int run_graph(run_arguments arguments) {
    set_workers(arguments.workers);
    run_options& options = arguments.options;
    options.quiet = options.quiet || arguments.json;
    options.repeat = arguments.repeat != 0 ? arguments.repeat : (options.compare ? 3 : 1);
    std::string bytes;
    if (arguments.model.given()) {
        check_memory(arguments.model.model, 2 * sizeof(edge) + sizeof(vertex));
        options.source = arguments.model.model;
    } else if (arguments.file.empty()) {
        options.source = embedded_extract();
    } else {
        const std::string name = shown_name(arguments.file);
        bytes = read_file(arguments.file);
        refuse_other_formats(bytes, name);
        options.source = snap_bytes{name, bytes};
    }
    const run_result result = run(options);
    (arguments.json ? print_json : print_report)(options, result, arguments.top, stdout);
    check_printed(stdout, "standard output");
    if (result.check.has_value() && !result.check->ok()) {
        fmt::print(stderr, "check: {}\n", result.check->failure);
        return check_failed;
    }
    return done;
}

int convert_packages(const convert_arguments& arguments) {
    const std::string name = shown_name(arguments.in);
    const std::string text = unpack(read_file(arguments.in), name);
    const package_graph whole = read_packages(text, name);
    const package_graph graph =
        arguments.largest > 0 ? extract(whole, arguments.largest) : package_graph();
    const package_graph& chosen = arguments.largest > 0 ? graph : whole;
    std::vector<std::string> head;
    if (!arguments.about.empty()) {
        head.push_back(arguments.about);
    }
    head.emplace_back("An edge leads from a package to one that can satisfy a Depends or "
                      "Pre-Depends of it: all");
    head.emplace_back("alternatives, and for a virtual package all that provide it.");
    if (arguments.largest > 0) {
        head.push_back(fmt::format("Of {} packages the {} with the most edges.", whole.packages,
                                   chosen.names.size()));
    } else {
        head.push_back(fmt::format("Of {} packages the {} with an edge; {} names in dependencies "
                                   "are of no package.",
                                   whole.packages, chosen.names.size(), chosen.unresolved));
    }
    write_snap(arguments.out, head, chosen.edges, chosen.names.size(), chosen.names);
    return done;
}

int generate_graph(const generate_arguments& arguments) {
    set_workers(arguments.workers);
    const rmat& model = arguments.model.model;
    check_memory(model, sizeof(edge));
    const edge_list list = generate(twill_loops(), model);
    write_snap(arguments.out,
               {fmt::format("{} (a {}, b {}, c {})", describe(model), rmat::a, rmat::b, rmat::c)},
               {list.edges.data(), list.edges.size()}, list.vertices, list.names);
    return done;
}

} // namespace social

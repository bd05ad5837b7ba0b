// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace social {
namespace {

/// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

/// The name of a vertex, or its number.
std::string shown(const leader& entry) {
    return entry.name.empty() ? fmt::format("vertex {}", entry.number) : entry.name;
}

void print_times(const run_options& options, const run_result& result, std::FILE* to) {
    const bool both = result.serial.has_value() && result.parallel.has_value();
    const auto line = [&](const char* name, const auto& time_of) {
        fmt::print(to, "{:<11}", name);
        if (result.serial.has_value()) {
            fmt::print(to, " {:>12.2f}", time_of(*result.serial));
        }
        if (result.parallel.has_value()) {
            fmt::print(to, " {:>12.2f}", time_of(*result.parallel));
        }
        if (both) {
            fmt::print(to, " {:>9.2f}", time_of(*result.serial) / time_of(*result.parallel));
        }
        fmt::print(to, "\n");
    };
    fmt::print(to, "\n{:<11}{}{}{}\n", "step", result.serial ? "    serial ms" : "",
               result.parallel ? "     twill ms" : "", both ? "   speedup" : "");
    for (std::size_t s = 0; s < step_count; ++s) {
        line(name_of(step{s}, options.source), [s](const step_times& times) { return times[s]; });
    }
    line("total", [](const step_times& times) { return total(times); });
    if (options.repeat > 1) {
        fmt::print(to, "(medians of {})\n", options.repeat);
    }
}

void print_check(const comparison& check, std::FILE* to) {
    if (check.ok()) {
        fmt::print(to,
                   "\ncheck: ok (same graph, same triangles; PageRanks {:.2g} from the serial ones "
                   "and {:.2g} from 1 in sum, bound {:.2g})\n",
                   check.distance, std::abs(check.total - 1), check.bound);
    } else {
        fmt::print(to, "\ncheck: FAILED: {}\n", check.failure);
    }
}

} // namespace

void print_report(const run_options& options, const run_result& result, std::size_t top,
                  std::FILE* to) {
    const ranking& ranks = result.last.pagerank;
    fmt::print(to, "graph      {}\n", describe(options.source));
    fmt::print(to, "           {} vertices, {} edges\n", grouped(result.last.of.vertices()),
               grouped(result.last.of.edges()));
    fmt::print(to, "triangles  {}\n", grouped(result.last.triangles));
    fmt::print(to, "PageRank   {} iterations, last change {:.2g}{}\n", ranks.iterations,
               ranks.change, ranks.converged ? "" : " (NOT CONVERGED)");
    for (const leader& entry : leaders(result.last, top)) {
        fmt::print(to, "           {:.6f}  {}\n", entry.rank, shown(entry));
    }
    print_times(options, result, to);
    if (result.check.has_value()) {
        print_check(*result.check, to);
    }
    if (result.load.has_value()) {
        fmt::print(to, "\nload of the {} run\n", options.repeat > 1 ? "last parallel" : "parallel");
        twill::print_load(*result.load, to);
    }
}

} // namespace social

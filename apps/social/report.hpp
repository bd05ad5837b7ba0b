// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "run.hpp"

#include <cstdio>

namespace social {

/// Prints a run for people: the graph, the results, the times, the load of the workers.
void print_report(const run_options& options, const run_result& result, std::size_t top,
                  std::FILE* to);

/// Prints a run as one JSON object.
void print_json(const run_options& options, const run_result& result, std::size_t top,
                std::FILE* to);

} // namespace social

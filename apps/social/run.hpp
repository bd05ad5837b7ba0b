// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check.hpp"

#include <twill/load.hpp>

#include <optional>
#include <string>
#include <vector>

namespace social {

struct run_options {
    graph_source source = rmat();
    pagerank_options pagerank = {};
    bool serial = false;  ///< the serial version alone
    bool check = false;   ///< hold every parallel analysis against a serial one
    bool compare = false; ///< both versions, in turn
    unsigned repeat = 1;
    bool quiet = false;      ///< no progress bar
    std::string record = {}; ///< the profile of the last parallel analysis; empty: none
};

/// A vertex of high rank.
struct leader {
    vertex number;
    std::string name; ///< may be empty
    double rank;
};

/// What a run found.
struct run_result {
    analysis last;                          ///< parallel unless the run was serial
    std::optional<step_times> serial;       ///< medians
    std::optional<step_times> parallel;     ///< medians
    std::optional<comparison> check;        ///< the first that failed, else the last
    std::optional<twill::load_window> load; ///< of the last parallel analysis
};

/// Throws input_error, also where the profile cannot be written.
[[nodiscard]] run_result run(const run_options& options);

/// The vertices of highest rank, by rank and then by number.
[[nodiscard]] std::vector<leader> leaders(const analysis& of, std::size_t most);

[[nodiscard]] double total(const step_times& times) noexcept;

} // namespace social

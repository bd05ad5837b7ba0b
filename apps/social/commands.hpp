// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "run.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace social {

/// What the command line says about a random graph.
struct rmat_arguments {
    rmat model;
    std::function<bool()> given;
};

struct run_arguments {
    run_options options;
    std::string file; ///< empty: none
    rmat_arguments model;
    unsigned repeat = 0; ///< 0: not said
    std::size_t top = 5;
    int workers = 0; ///< 0: not said
    bool json = false;
};

struct convert_arguments {
    std::string in;
    std::string out;
    std::size_t largest = 0; ///< 0: all
    std::string about;
};

struct generate_arguments {
    std::string out;
    rmat_arguments model;
    int workers = 0;
};

/// The commands. Each returns an exit code, or throws input_error.
[[nodiscard]] int run_graph(run_arguments arguments);
[[nodiscard]] int convert_packages(const convert_arguments& arguments);
[[nodiscard]] int generate_graph(const generate_arguments& arguments);

} // namespace social

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "../apps/social/graph.hpp"
#include "../apps/social/rmat.hpp"
#include "graphs/loops.hpp"

namespace bench {

/// A graph of 2^scale vertices with few neighbours for most and very many for some.
inline social::graph random_graph(long scale) {
    social::rmat model;
    model.scale = static_cast<unsigned>(scale);
    const runtime_loops loops;
    return social::build_graph(loops, social::generate(loops, model));
}

} // namespace bench

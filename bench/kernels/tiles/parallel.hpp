// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/adapter.hpp"
#include "kernels/tiles/tiles.hpp"

namespace bench::tiles {

/// multiply() in parallel, down to sides of `Leaf`. The products of quadrants in two steps, so that
/// the four of a step write to different quadrants of c; no cache size is known here.
template <form Form, long Leaf>
BENCH_RECURSIVE void multiply_in_parallel(double* c, const double* a, const double* b, long side) {
    if (side <= Leaf) {
        multiply<Form>(c, a, b, side);
        return;
    }
    for (int step = 0; step < 2; ++step) {
        const auto part = [=](int row, int column) {
            const double* const left =
                Form == form::add ? quadrant(a, side, row, step) : quadrant(a, side, step, row);
            multiply_in_parallel<Form, Leaf>(quadrant(c, side, row, column), left,
                                             quadrant(b, side, step, column), side / 2);
        };
        runtime::invoke([=] { runtime::invoke([=] { part(0, 0); }, [=] { part(0, 1); }); },
                        [=] { runtime::invoke([=] { part(1, 0); }, [=] { part(1, 1); }); });
    }
}

} // namespace bench::tiles

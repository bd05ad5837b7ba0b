// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "kernels/tiles/product.hpp"

#include <memory>

namespace {

using bench::tiles::quadrant;

/// c += a b. The products of quadrants in two steps, so that the four of a step write to different
/// quadrants of c; no cache size is known here.
template <long Leaf>
BENCH_RECURSIVE void multiply(double* c, const double* a, const double* b, long side) {
    if (side <= Leaf) {
        bench::tiles::multiply<bench::tiles::form::add>(c, a, b, side);
        return;
    }
    for (int step = 0; step < 2; ++step) {
        const auto part = [=](int row, int column) {
            multiply<Leaf>(quadrant(c, side, row, column), quadrant(a, side, row, step),
                           quadrant(b, side, step, column), side / 2);
        };
        bench::runtime::invoke(
            [=] { bench::runtime::invoke([=] { part(0, 0); }, [=] { part(0, 1); }); },
            [=] { bench::runtime::invoke([=] { part(1, 0); }, [=] { part(1, 1); }); });
    }
}

template <long Leaf>
bench::operation prepare(const bench::arguments& given) {
    const auto data = std::make_shared<bench::tiles::product>(given.size);
    const auto run = [=](long side) {
        multiply<Leaf>(data->c.get(), data->a.get(), data->b.get(), side);
    };
    return {.run = [=] { run(data->side); },
            .check = [=] { return data->right(); },
            .reset = [=] { data->clear(); },
            .warm = [=] { run(std::min(data->side, 4 * bench::tiles::tile)); }};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("matmul", bench::parse_arguments(argc, argv),
                             {{"coarse", 2048, prepare<64>}, {"fine", 2048, prepare<32>}});
}

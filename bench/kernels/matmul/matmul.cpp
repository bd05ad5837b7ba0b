// SPDX-License-Identifier: Apache-2.0
#include "harness/harness.hpp"

#include "kernels/tiles/parallel.hpp"
#include "kernels/tiles/product.hpp"

#include <memory>

namespace {

template <long Leaf>
bench::operation prepare(const bench::arguments& given) {
    const auto data = std::make_shared<bench::tiles::product>(given.size);
    const auto run = [=](long side) {
        bench::tiles::multiply_in_parallel<bench::tiles::form::add, Leaf>(
            data->c.get(), data->a.get(), data->b.get(), side);
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

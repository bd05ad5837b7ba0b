// SPDX-License-Identifier: Apache-2.0

/// \file
/// Nothing planted: loops over elements of very different cost, in regions. There is nothing to fix
/// either.

#include "program.hpp"

#include "twill/kind.hpp"
#include "twill/region.hpp"
#include "twill/twill.hpp"

namespace {

planted::outcome program(const planted::options&, planted::dice& draw) {
    const std::vector<std::string> names = draw.names();
    const double wall = draw.real(0.25, 0.5); // in seconds
    const double element = draw.real(500, 20e3);
    const double ramp = draw.real(0, 1); // 1: the first costs nothing, the last twice the mean
    const std::uint64_t loops = draw.whole(2, 20);
    const auto cores = static_cast<double>(twill::worker_count());
    const double steps = wall * cores * 1e9 / static_cast<double>(loops);
    const double count = steps / element;
    planted::pieces all;
    for (double at = 0; at < count; ++at) {
        const double mean = element * (1 + ramp * (2 * at / count - 1));
        all.add(static_cast<std::uint64_t>(mean * draw.real(0.2, 1.8)));
    }
    const twill::kind body(names[0].c_str());

    planted::outcome came;
    came.seconds = planted::timed([&] {
        for (std::uint64_t number = 0; number < loops; ++number) {
            const twill::region here(names[1 + number % 3].c_str());
            twill::parallel_for(
                std::size_t{0}, all.size(), [&](std::size_t at) { all.work(at); }, body);
        }
    });
    came.right = all.right(loops);
    came.parameters = planted::text("elements of %.1f us, ramp %.2f, %d loops", element / 1000,
                                    ramp, static_cast<int>(loops));
    return came;
}

} // namespace

int main(int argc, char** argv) { return planted::run(argc, argv, &program); }

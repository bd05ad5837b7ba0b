// SPDX-License-Identifier: Apache-2.0

/// \file
/// placed_program ROUNDS: what twill_placed_test.py records. Loops over a numa_vector until parts
/// of them ran on the node of their elements, ROUNDS of them at the most.
#include <twill/detail/atomic.hpp>
#include <twill/load.hpp>
#include <twill/numa_vector.hpp>
#include <twill/twill.hpp>

#include <cstdlib>

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    twill::parallel_invoke([] {}, [] {}); // TWILL_RECORD records from the first verb on
    twill::numa_vector<int> x(20'000, 1);
    for (int left = std::atoi(argv[1]); left > 0; --left) {
        twill::parallel_for_each(x, [](int& one) {
            for (int k = 0; k < 30; ++k) {
                twill::detail::pause();
            }
            ++one;
        });
        if (twill::load().since_start.total().placed > 0) {
            break;
        }
    }
    return 0;
}

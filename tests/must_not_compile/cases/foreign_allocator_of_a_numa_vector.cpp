// SPDX-License-Identifier: Apache-2.0
// expect: the memory of a numa_vector is a twill::numa_allocator's; another allocator comes inside
#include <twill/numa_vector.hpp>

#include <memory>

int main() {
#ifdef RIGHT
    const twill::numa_vector<int, twill::numa_allocator<int>> x(10);
#else
    const twill::numa_vector<int, std::allocator<int>> x(10);
#endif
    return x[0];
}

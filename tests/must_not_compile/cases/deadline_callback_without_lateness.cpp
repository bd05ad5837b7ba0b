// SPDX-License-Identifier: Apache-2.0
// expect: twill: the callback of a deadline takes a std::chrono::nanoseconds
#include <twill/twill.hpp>

int main() {
    twill::runtime rt;
#ifdef RIGHT
    rt.submit([] {}, twill::deadline(std::chrono::seconds(1), [](std::chrono::nanoseconds) {}))
        .get();
#else
    rt.submit([] {}, twill::deadline(std::chrono::seconds(1), [] {})).get();
#endif
}

// SPDX-License-Identifier: Apache-2.0
// expect: twill: per_thread::combine copies a value: T must be copyable, else use combine_each
#include <twill/twill.hpp>

#include <memory>

int main() {
    twill::per_thread<std::unique_ptr<int>> values;
#ifdef RIGHT
    values.combine_each([](std::unique_ptr<int>& one) { one.reset(); });
#else
    (void)values.combine([](std::unique_ptr<int> a, const std::unique_ptr<int>&) { return a; });
#endif
}

// SPDX-License-Identifier: Apache-2.0
// expect: twill: experimental::parallel_invoke takes a context, then callables that take a context
#include <twill/experimental/context.hpp>

int main() {
    using twill::experimental::context;
    twill::experimental::run([](context here) {
#ifdef RIGHT
        twill::experimental::parallel_invoke(here, [](context) {}, [] {});
#else
        twill::experimental::parallel_invoke(here, [](context) {}, [](int) {});
#endif
    });
}

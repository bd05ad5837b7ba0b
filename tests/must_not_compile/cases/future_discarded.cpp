// SPDX-License-Identifier: Apache-2.0
// expect: nodiscard
// flags: -Werror
#include <twill/twill.hpp>

int main() {
    twill::runtime rt;
#ifdef RIGHT
    static_cast<void>(rt.submit([] {}));
#else
    rt.submit([] {});
#endif
}

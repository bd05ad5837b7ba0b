// SPDX-License-Identifier: Apache-2.0
// expect: nodiscard
// flags: -Werror=unused-result
#include <stop_token>
#include <twill/twill.hpp>

int main() {
#ifdef RIGHT
    std::stop_source source;
    return twill::parallel_for(0, 10, [](int) {}, source.get_token()) == twill::outcome::completed;
#else
    std::stop_source source;
    twill::parallel_for(0, 10, [](int) {}, source.get_token());
#endif
}

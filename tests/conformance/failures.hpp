// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace twill_test {

/// The text of the std::runtime_error that `call` throws, or "nothing".
template <class Call>
std::string thrown_by(Call call) {
    try {
        call();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "nothing";
}

[[noreturn]] inline void fail(const char* name) { throw std::runtime_error(name); }

} // namespace twill_test

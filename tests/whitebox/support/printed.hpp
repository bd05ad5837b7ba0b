// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/load.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace twill::testing_support {

/// What print_load() writes.
inline std::string printed(const load_window& window) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* const file = ::open_memstream(&text, &size);
    if (file == nullptr) {
        ADD_FAILURE() << "no memory stream";
        return {};
    }
    print_load(window, file);
    std::fclose(file);
    std::string result(text, size);
    std::free(text);
    return result;
}

} // namespace twill::testing_support

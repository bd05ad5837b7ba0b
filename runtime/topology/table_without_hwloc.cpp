// SPDX-License-Identifier: Apache-2.0
// In the place of table.cpp where there was no hwloc to compile against.
#include "topology/table.hpp"

namespace twill::topology {

std::optional<table> read_table(const source& /*from*/, std::string& why) noexcept {
    try {
        why = "this library was built without hwloc";
    } catch (...) { // no memory for the words
        why.clear();
    }
    return std::nullopt;
}

void forget_hwloc_in_child() noexcept {}

} // namespace twill::topology

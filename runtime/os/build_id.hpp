// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace twill::os {

/// The number by which the linker tells this build of the program from all others (the ELF note
/// NT_GNU_BUILD_ID of the program itself, not of a library), in hexadecimal digits; empty if it was
/// linked without one. Throws std::bad_alloc.
std::string program_build_id();

} // namespace twill::os

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace social {

/// What a user can mend: a file that cannot be read or written, or that does not say what it
/// should. Its text is one line that begins with the file; the program ends with exit code 2.
class input_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace social

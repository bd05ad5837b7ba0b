// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before runtime/load/source.hpp on the include path. Accounts are stamps at transitions
/// and order nothing, so the explorer leaves them out.

#include "load/account.hpp"

namespace twill::load_model {

class load_source {
public:
    template <class... Arguments>
    void open(const Arguments&... /*any*/) noexcept {}
    void set_awake_limit(int /*limit*/) noexcept {}
};

} // namespace twill::load_model

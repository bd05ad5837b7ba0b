// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before runtime/load/source.hpp on the include path. Accounts are stamps at transitions
/// and order nothing, so the explorer leaves them out.

#include "load/account.hpp"

namespace twill::load_model {

struct response_table {
    template <class... Arguments>
    std::int64_t ended(const Arguments&... /*any*/) noexcept {
        return 0;
    }
};

class load_source {
public:
    template <class... Arguments>
    void open(const Arguments&... /*any*/) noexcept {}
    void set_awake_limit(int /*limit*/) noexcept {}
    response_table responses() noexcept { return {}; }
    template <class Now>
    void verb_began(const Now& /*now*/) noexcept {}
    template <class Now>
    void verb_ended(const Now& /*now*/) noexcept {}
};

} // namespace twill::load_model

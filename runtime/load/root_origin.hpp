// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/kind.hpp"

#include <cstdint>

namespace twill::load_model {

class region_path;

/// The innermost region of the calling thread, in the root that it runs; null for none.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local const region_path* current_region;

/// What a root takes over from the thread that it was taken from.
struct root_origin {
    std::uint32_t kind = 0;
    const region_path* region = nullptr;
};

/// What a thread was in when it began a root, in the frame of that.
struct around_root {
    detail::kind_frame frame; // of the kind that the root takes over
    detail::kind_frame* kind;
    const region_path* region;
    const region_path* root_region;
};

} // namespace twill::load_model

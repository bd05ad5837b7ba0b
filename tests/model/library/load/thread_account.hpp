// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before runtime/load/thread_account.hpp on the include path: an account that keeps no time
/// and adds all counts up, over all threads and executions, to tell what a campaign has reached.

#include "load/root_origin.hpp"
#include "load/source.hpp"

namespace twill::load_model {

enum class transition : std::uint8_t { take, enter, leave, delayed };

inline std::uint64_t counted[counter_count] = {};

class thread_account {
public:
    enum class role : std::uint8_t { worker, guest };

    template <class... Arguments>
    void attach(const Arguments&... /*any*/) noexcept {}
    void detach() noexcept {}
    template <class... Arguments>
    void listen(const Arguments&... /*any*/) noexcept {}
    static bool tells_delay() noexcept { return false; }
    static std::uint64_t take_delay() noexcept { return 0; }
    static activity doing() noexcept { return activity::useful; }
    static int kernel_thread() noexcept { return 0; }
    template <class... Arguments>
    void begin_verb(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void end_verb(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void begin_blocking(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void end_blocking(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void take(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void enter(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void begin_kind(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void end_kind(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void set_kind(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void begin_root(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void end_root(const Arguments&... /*any*/) noexcept {}
    void begin_regions() noexcept {}
    static detail::kind_frame* kind() noexcept { return nullptr; }
    static const region_path* root_region() noexcept { return nullptr; }
    void add(counter what, std::uint64_t count = 1) noexcept {
        counted[static_cast<std::size_t>(what)] += count;
    }
    template <class... Arguments>
    void leave(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void left(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void blocked_from(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void blocked_until(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void resumed(const Arguments&... /*any*/) noexcept {}
};

} // namespace twill::load_model

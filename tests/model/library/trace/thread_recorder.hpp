// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Stands before runtime/trace/thread_recorder.hpp on the include path: a recorder that writes
/// nothing down. Who is recorded, and what the fork then does, is as in production.

#include "trace/event.hpp"

#include <cstdint>

namespace twill::trace {

class thread_recorder {
public:
    [[nodiscard]] bool on() const noexcept { return session_ != 0; }
    [[nodiscard]] std::uint32_t session() const noexcept { return session_; }
    template <class Account>
    void begin(std::uint32_t session, const Account& /*of*/) noexcept {
        session_ = session;
    }
    void end() noexcept { session_ = 0; }

    template <class... Arguments>
    void record(const Arguments&... /*any*/) noexcept {}
    template <class... Arguments>
    void record_at(const Arguments&... /*any*/) noexcept {}
    void record_delay(std::uint64_t /*now*/, std::uint64_t /*ticks*/) noexcept {}
    void record_link(event_type /*type*/, std::uint32_t /*payload*/, root_link /*link*/) noexcept {}
    template <class... Arguments>
    void record_end(const Arguments&... /*any*/) noexcept {}

    void begin_visit(bool leaves) noexcept {
        ++visits_;
        leaves_ = leaves_ || leaves;
    }
    [[nodiscard]] bool visit_is_recorded() const noexcept { return on(); }
    [[nodiscard]] bool end_visit() noexcept {
        if (visits_ == 0) {
            return true;
        }
        const bool leaves = --visits_ == 0 && leaves_;
        leaves_ = leaves_ && !leaves;
        return leaves;
    }
    struct root {};
    struct root_origin {
        std::uint32_t kind = 0;
        std::uint32_t region = 0;
    };
    [[nodiscard]] root begin_root(root_why /*why*/, root_link /*link*/,
                                  root_origin /*from*/) noexcept {
        return {};
    }
    void end_root() noexcept {}
    void leave_root(root /*outer*/) noexcept {}

private:
    std::uint32_t session_ = 0;
    std::uint32_t visits_ = 0;
    bool leaves_ = false;
};

} // namespace twill::trace

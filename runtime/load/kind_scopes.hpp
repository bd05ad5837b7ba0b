// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/thread_account.hpp"

namespace twill::load_model {

/// A root, from its first step to its last.
class root_scope {
public:
    root_scope(thread_account& account, root_origin from) noexcept : account_(account) {
        account_.begin_root(around_, from);
    }
    ~root_scope() { account_.end_root(around_); }
    root_scope(const root_scope&) = delete;
    root_scope& operator=(const root_scope&) = delete;

private:
    thread_account& account_;
    around_root around_; // NOLINT(cppcoreguidelines-pro-type-member-init): begin_root() writes it
};

/// What the thread runs while it waits: in no kind but its own.
class without_kind {
public:
    /// `newest`: of the thread's list, or null.
    without_kind(thread_account& account, detail::job* newest) noexcept
        : account_(account), frame_{account.kind(), newest, 0, 0, 0} {
        if (frame_.outer != nullptr) {
            account_.set_kind(&frame_);
        }
    }
    ~without_kind() {
        if (frame_.outer != nullptr) {
            account_.set_kind(frame_.outer);
        }
    }
    without_kind(const without_kind&) = delete;
    without_kind& operator=(const without_kind&) = delete;

private:
    thread_account& account_;
    detail::kind_frame frame_;
};

} // namespace twill::load_model

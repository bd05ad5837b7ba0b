// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/atomic.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/views.hpp"

/// \file
/// The views of reducers, strand by strand. A strand is what runs from the beginning of a root (a
/// stolen job, a task of a group, a guest's verb) to its end on one thread; its views are a map in
/// the hot state, made by the first access. Whoever begins a strand on top of another one puts the
/// outer map aside; whoever waits for a strand merges its map to the right of his own.
///
///     detail::view_map* outer = views::begin_strand();
///     ... run it ...
///     detail::view_map* mine = views::end_strand(outer);
///
/// and later, on the thread that waited for it, in the serial order: `views::merge(mine)`.
///
/// A verb that is called in the middle of a strand, on its thread, is a part of the strand and
/// needs none of this, even if it enters another runtime.

namespace twill::sched::views {

using detail::view_map;

/// Begins a strand without views; returns those of the outer one.
inline view_map* begin_strand() noexcept {
    view_map* outer = detail::hot().views;
    detail::hot().views = nullptr;
    return outer;
}

/// The views of the running strand, which goes on without; null if there are none.
view_map* take() noexcept;

/// Ends a strand and returns its views; the outer one goes on with its own.
inline view_map* end_strand(view_map* outer) noexcept {
    view_map* mine = take();
    detail::hot().views = outer;
    return mine;
}

/// Merges the views of a strand that has ended to the right of the running strand's. Runs the
/// user's combinations, which may contain verbs: not to be called with a lock held. What they throw
/// is kept by their reducer.
void merge(view_map* later) noexcept;

/// Ends the strand of a verb from outside: merges its views to the right of the reducers' own
/// values, each under the lock of its reducer.
void end_outermost() noexcept;

/// The same for a strand that has ended and that nobody has waited for.
void absorb(view_map* ended) noexcept;

/// Maps of strands that have ended, newest first, until somebody merges them all in the order in
/// which they came. For groups: any thread may push.
void push(detail::atomic<view_map*>& list, view_map* ended) noexcept;
void merge_list(detail::atomic<view_map*>& list) noexcept;

} // namespace twill::sched::views

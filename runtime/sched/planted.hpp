// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twill::sched {

/// Mistakes that the schedule explorer plants to show that it finds mistakes of their kind.
enum class fault {
    none,
    /// An idle thread looks for work again before its announcement is ordered.
    unfenced_recheck,
    /// The word that makes jobs public is written without release.
    relaxed_publish,
    /// A thief goes down a chain without looking whether the epoch is still the one it read.
    stale_epoch,
    /// A finisher reads the job once more after the store that ends it.
    touch_after_end,
    /// A blocked join gives up its place and wakes nobody.
    silent_hand_over,
    /// More places may be held, and nobody is woken for them.
    silent_raise,
    /// A task goes into a group, and nobody looks for a thread that sleeps for it.
    silent_put,
    /// A thread that worked for a group reads its word once more after it has counted itself out.
    touch_after_unpin,
    /// A bag that was seen empty goes out of the list without a second look.
    blind_unlink,
    /// A bag that gets a new chunk tells of the older tasks only when it is done.
    late_raise,
    /// Whoever looks for tasks of a group looks at the bags of the normal level only.
    level_unseen,
    /// Who takes a sleeper out of a group's list leaves its ticket in the inbox.
    kept_ticket,
    /// Who cleans the bit of a seat looks once more at whom it has seen there, and not at who sits
    /// there by then.
    blind_clean,
    /// A post is read out of a mailbox and left there.
    post_without_claim,
    /// The bit of a mailbox is cleared without a second look at the slot.
    blind_mailbox,
    /// A placed loop ends while somebody has taken a post of it out of a mailbox.
    unawaited_post,
    /// A thief that leaves a part of a placed loop to another node posts without pinning the loop.
    unpinned_forward
};

#if defined(TWILL_ATOMIC_HEADER)
/// Set by the explorer.
inline fault planted_fault = fault::none;
inline bool planted(fault which) noexcept { return planted_fault == which; }
#else
constexpr bool planted(fault /*which*/) noexcept { return false; }
#endif

} // namespace twill::sched

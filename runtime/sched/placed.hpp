// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/group.hpp"
#include "sched/mailbox.hpp"
#include "sched/placed_parts.hpp"
#include "twill/detail/placed.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace twill::sched {

class scheduler;
struct thread_record;

/// A placed loop that runs, in the frame of its launcher.
struct placed_run {
    explicit placed_run(detail::placed_loop& of) noexcept : loop(of) {}

    /// Claims a part and runs it. False: none was left, the loop has come to an early end, or this
    /// thread has left the part to the node where it lies.
    bool run_next() noexcept;

    detail::placed_loop& loop;
    placed_parts parts;
    /// Whoever has a post, or has taken one and has not counted itself out; for the wait of the
    /// launcher.
    group working{0};
    bool timed = false; ///< the machine's nodes are mixed: how fast are their cores?
    std::unique_ptr<invitation[]> invitations; ///< by place; none without memory
    std::uint32_t launcher = 0;
    load_model::root_origin from{};

private:
    void run_part(std::size_t part) noexcept;
};

/// The side of a scheduler that has to do with placed loops. README.md of this folder, number 18.
class placing {
public:
    placing(thread_record& thread, known_places& known) noexcept;

    /// Runs all of a loop. False: it is to be run as any other.
    bool run(detail::placed_loop& loop) noexcept;

    /// A searcher takes what is in its own mailbox, or in some other one, and works for that loop.
    /// False: there was nothing.
    bool run_own_post() noexcept;
    bool run_other_post(std::uint64_t start) noexcept;

    /// Waits until it is known where the places are, which a thread of the runtime finds out: some
    /// milliseconds, once. Returns at once where nobody is to find out, and after a while where no
    /// thread is to be had.
    static void await_machine(scheduler& of) noexcept;

    /// A thief is about to claim a part: leaves one of another node to a place there that is idle,
    /// at most offers_in_a_row times before it keeps one. False: it is to claim.
    bool forward(placed_run& run) noexcept;

private:
    std::size_t begin(detail::placed_loop& loop) noexcept;
    bool invite(placed_run& run, int place, bool pins = true) noexcept;
    void post_all(placed_run& run) noexcept;
    void end(placed_run& run) noexcept;
    bool run_post(post* taken) noexcept;
    void work_for(placed_run& run) noexcept;

    scheduler& of_;
    thread_record& self_;
    known_places& known_;
};

} // namespace twill::sched

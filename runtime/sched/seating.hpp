// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/place_set.hpp"
#include "sched/spare.hpp"
#include "sched/thread_table.hpp"
#include "topology/pinning.hpp"
#include "topology/victims.hpp"
#include "twill/detail/atomic.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace twill::sched {

/// Where the places of a scheduler are, on a machine with several groups of cores (groups share an
/// L3 and a NUMA node): a bit for each place instead of one for each thread, and a stack of spare
/// threads for each place. A thread that holds a place sits on it: what it does is then seen by the
/// bit of the place. README.md, "Seats", has the protocol.
class seating {
public:
    /// `places` has a row for each place of the scheduler. Throws std::bad_alloc.
    seating(std::span<const topology::table_row> places, topology::victim_rule rule);

    [[nodiscard]] const topology::victim_policy& policy() const noexcept { return policy_; }
    [[nodiscard]] int places() const noexcept { return policy_.workers(); }

    /// Threads of the runtime that sit down are kept to their cores by that; null: nobody is.
    /// `name` begins lines about it. Before the first sits.
    void keep_by(std::unique_ptr<topology::pinning> how, const char* name) noexcept {
        pinning_ = std::move(how);
        name_ = name;
    }
    [[nodiscard]] topology::pinning* kept_by() const noexcept { return pinning_.get(); }
    [[nodiscard]] const char* name() const noexcept { return name_; }

    /// Who sits there, or null. seq_cst: see clean_seat() in seats.cpp.
    [[nodiscard]] detail::atomic<thread_record*>& holder(int place) noexcept {
        return seats_[static_cast<std::size_t>(place)].holder;
    }
    /// Spare threads that sat there last.
    [[nodiscard]] spare_stack& spares(int place) noexcept {
        return seats_[static_cast<std::size_t>(place)].spares;
    }
    /// The first place on a CPU, by the kernel's number, or -1.
    [[nodiscard]] int place_of_cpu(int cpu) const noexcept {
        return cpu >= 0 && cpu < static_cast<int>(by_cpu_.size())
                   ? by_cpu_[static_cast<std::size_t>(cpu)]
                   : -1;
    }
    /// How far a place is from another: 0 for itself, then 1 to 3 by level.
    static constexpr int farthest = 3;
    [[nodiscard]] int distance(int from, int to) const noexcept {
        return from == to ? 0 : 1 + static_cast<int>(policy_.between(from, to));
    }

    /// May the runtime's threads run on the CPU of a place, as was seen last?
    [[nodiscard]] bool allowed(int place) const noexcept {
        const auto n = static_cast<std::size_t>(place);
        // Relaxed: a hint for whoever takes a place.
        return (forbidden_[n / 64].load(detail::relaxed) >> (n % 64) & 1) == 0;
    }
    /// They may run on these CPUs, ascending, and no others; none: on all, as far as is known.
    void allow(std::span<const int> cpus) noexcept;

    /// Places whose holders have public jobs, those whose holders run a task, and those that have
    /// spare threads.
    [[nodiscard]] place_set& with_public() noexcept { return with_public_; }
    [[nodiscard]] place_set& running() noexcept { return running_; }
    [[nodiscard]] place_set& with_spares() noexcept { return with_spares_; }
    /// How many threads those are, all together, those that are about to be among them included.
    [[nodiscard]] detail::atomic<std::int32_t>& spare_count() noexcept { return spare_count_; }
    /// On a machine with efficient cores and others: the places that are not on efficient ones, by
    /// the words of the policy; elsewhere there are none.
    [[nodiscard]] const std::vector<std::uint64_t>& fast() const noexcept { return fast_; }
    /// Segments of the thread table in which threads without a seat may have public jobs.
    [[nodiscard]] summary_bits& strays() noexcept { return strays_; }

private:
    struct seat {
        spare_stack spares;
        detail::atomic<thread_record*> holder{nullptr};
    };

    topology::victim_policy policy_;
    std::unique_ptr<seat[]> seats_;
    std::vector<int> by_cpu_;
    std::vector<int> cpus_;                                      ///< by place
    std::unique_ptr<detail::atomic<std::uint64_t>[]> forbidden_; ///< a bit for each place
    std::vector<std::uint64_t> fast_;
    std::unique_ptr<topology::pinning> pinning_;
    const char* name_ = "";
    place_set with_public_;
    place_set running_;
    place_set with_spares_;
    alignas(128) detail::atomic<std::int32_t> spare_count_{0};
    summary_bits strays_;
};

} // namespace twill::sched

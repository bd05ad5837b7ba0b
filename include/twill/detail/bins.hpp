// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The engine of plan_execute: bins of tasks in a fixed order, out of which threads claim the next
/// task each.

#include "twill/detail/atomic.hpp"
#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/slow_path.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace twill::inline abi_1::detail {

/// Ordering: every access to the words of a bin is relaxed. They say whose a task is and nothing
/// else: the read-modify-write of claim() gives each number to one thread. What the tasks read was
/// written before the verb that the threads run in has forked, and what they write is read after
/// its joins; forks and joins order both.
class bins {
public:
    using clock = std::chrono::steady_clock;
    static constexpr std::size_t none = ~std::size_t{0};

    /// Room for `count` bins, to be filled by fill().
    explicit bins(std::size_t count) : bins_(count) {}

    /// The tasks of a bin, which stay where they are, and the time of each, by task.
    void fill(std::size_t number, const std::vector<std::size_t>& tasks,
              const std::vector<double>& times) {
        bin& one = bins_[number];
        one.tasks = &tasks;
        one.left.resize(tasks.size());
        double sum = 0;
        for (std::size_t k = tasks.size(); k-- > 0;) {
            sum += times[tasks[k]];
            one.left[k] = sum;
        }
    }

    /// The next task of a bin, which nobody else gets, or none.
    std::size_t claim(std::size_t number) noexcept {
        bin& one = bins_[number];
        const std::size_t mine = one.next.fetch_add(1, relaxed);
        return mine < one.tasks->size() ? (*one.tasks)[mine] : none;
    }

    /// The bin that has most time left in tasks that nobody has claimed, or none if there is no
    /// such task. What it says may be old by the time it returns, so claim() may find nothing; the
    /// thread has then seen the last number of that bin and does not choose it again. O(m).
    [[nodiscard]] std::size_t fullest() const noexcept {
        std::size_t best = none;
        double most = 0;
        for (std::size_t j = 0; j < bins_.size(); ++j) {
            const bin& one = bins_[j];
            const std::size_t next = one.next.load(relaxed);
            if (next < one.left.size() && (best == none || one.left[next] > most)) {
                best = j;
                most = one.left[next];
            }
        }
        return best;
    }

    /// A task has thrown: those that nobody has claimed are dropped. Relaxed: a thread that learns
    /// of it late runs another task, and it is the verb that carries the exception.
    void give_up() noexcept { given_up_.store(1, relaxed); }
    [[nodiscard]] bool given_up() const noexcept { return given_up_.load(relaxed) != 0; }

private:
    /// In a line of its own: its owner takes numbers while others look.
    struct alignas(64) bin {
        atomic<std::size_t> next{0};
        const std::vector<std::size_t>* tasks = nullptr;
        /// The time of the tasks from each number on.
        std::vector<double> left;
    };

    std::vector<bin> bins_;
    atomic<std::uint32_t> given_up_{0};
};

/// The thread that begins with one of the bins.
class bin_runner {
public:
    bin_runner(bins& all, std::vector<double>& times) noexcept : all_(all), times_(times) {}

    /// Runs `call(task)` for all tasks of bin `own` and, if it helps, for those of other bins.
    template <class Call>
    void run(const Call& call, std::size_t own, bool helps) {
        for (std::size_t task; (task = all_.claim(own)) != bins::none;) {
            run_one(call, task);
        }
        for (std::size_t fullest; helps && (fullest = all_.fullest()) != bins::none;) {
            if (const std::size_t task = all_.claim(fullest); task != bins::none) {
                run_one(call, task);
            }
        }
    }

    /// The time in tasks, in seconds, and how many there were.
    [[nodiscard]] double busy() const noexcept { return busy_; }
    [[nodiscard]] std::size_t ran() const noexcept { return ran_; }

private:
    template <class Call>
    void run_one(const Call& call, std::size_t task) {
        if (all_.given_up()) {
            return;
        }
        answer();
        // Not a handler: that would be missing in programs without exceptions.
        struct watch {
            bins& all;
            bool ended = false;
            ~watch() {
                if (!ended) {
                    all.give_up();
                }
            }
        } one{all_};
        const bins::clock::time_point began = bins::clock::now();
        call(task);
        const std::chrono::duration<double> took = bins::clock::now() - began;
        one.ended = true;
        times_[task] = took.count(); // only who has claimed the task touches this
        busy_ += took.count();
        ++ran_;
    }

    /// The poll between tasks. What there is to give away is older than this frame: the loop over
    /// the other bins, and what is around the call.
    void answer() noexcept {
        hot_state& self = hot();
        if (poll_below(this, self.limit) && self.tail != nullptr) {
            poll_slow(self.tail);
        }
    }

    bins& all_;
    std::vector<double>& times_;
    double busy_ = 0;
    std::size_t ran_ = 0;
};

} // namespace twill::inline abi_1::detail

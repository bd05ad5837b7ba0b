// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/scheduler.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/parallel_invoke.hpp"

#include <vector>

namespace twill::sched {

/// What tests may see of a scheduler: its friend.
class scheduler_test {
public:
    static std::uint32_t publish(scheduler& of, thread_record& self, job* newest) {
        return of.publish(self, newest);
    }
    static std::uint64_t& longest_back_off(scheduler& of) { return of.longest_back_off_; }
    static bool guests_wait(const scheduler& of) { return of.inbox_.waiting(); }
    static bool was_refused(const scheduler& of) {
        return of.refusal_told_.load(detail::relaxed) != 0;
    }
    static std::uint64_t& refusal_holds(scheduler& of) { return of.refusal_holds_; }
    /// How long the machine is taken to stay as it is, in ticks, from now on.
    static void set_look_period(scheduler& of, std::uint64_t period) {
        of.look_period_ = period;
        of.look_due_.store(detail::ticks() + period, detail::relaxed);
    }
    /// Has a thread found out where the places are, or found that it cannot be told?
    static bool has_learned(const scheduler& of) {
        return of.learning_.load(detail::acquire) == scheduler::somebody_has_learned;
    }
    static bool is_watched(const scheduler& of) {
        return of.watching_.load(detail::relaxed) == scheduler::somebody_watches;
    }
    static void look_now(scheduler& of) {
        of.look_due_.store(0, detail::relaxed);
        of.look_at_machine(1);
    }
    /// How many more threads are kept off their waker's CPU, and how to say so.
    static std::uint32_t wakes_to_steer(const scheduler& of) {
        return of.wakes_to_steer_.load(detail::relaxed);
    }
    static void steer(scheduler& of, std::uint32_t wakes) {
        of.wakes_to_steer_.store(wakes, detail::relaxed);
    }
    static std::uint64_t wake_takes(const scheduler& of) {
        return of.wake_takes_.load(detail::relaxed);
    }
    static void set_wake_takes(scheduler& of, std::uint64_t ticks) {
        of.wake_takes_.store(ticks, detail::relaxed);
    }
    static std::uint64_t counted(scheduler& of, load_model::counter what) {
        std::uint64_t sum = 0;
        for (int number = 0; number < of.workers(); ++number) {
            sum += of.accounts_[static_cast<std::size_t>(number)]
                       .read()
                       .counts[static_cast<std::size_t>(what)];
        }
        return sum;
    }
    static void note_wake(scheduler& of, std::uint64_t took) { of.note_wake(took); }
    static bool worth_a_wake(scheduler& of, thread_record& self, std::uint64_t takes,
                             std::uint64_t took) {
        return of.worth_a_wake(self, takes, took);
    }
    static void wake_for(scheduler& of, thread_record& self, std::uint64_t takes) {
        of.wake_for(self, takes);
    }
    static void wake_more(scheduler& of, thread_record& self) { of.wake_more(self.account); }
    static bool wants_more(const scheduler& of) { return of.places_.wants(); }
    static std::uint64_t poll_period(const scheduler& of) { return of.poll_period_; }
    static std::uint64_t& idle_spin(scheduler& of) { return of.idle_spin_; }
    /// Seats, for a thread that holds `place` as far as its hot state says.
    static void sit(scheduler& of, thread_record& self, int place) {
        detail::hot().place = place;
        of.seats_.sit(self);
        detail::hot().place = -1;
    }
    static void stand_up(scheduler& of, thread_record& self) { of.seats_.stand_up(self); }
    static void set_public(scheduler& of, thread_record& self) { of.seats_.set_public(self); }
    static void set_running(scheduler& of, thread_record& self) { of.seats_.set_running(self); }
    static void clear_running(scheduler& of, thread_record& self) { of.seats_.clear_running(self); }
    static void settle(scheduler& of) {
        load_model::thread_account nobody;
        of.settle(nobody);
    }
    static void add_to_counts(scheduler& of, int free, int searchers) {
        of.places_.add(free, searchers);
    }
    static bool work_visible(scheduler& of) { return of.work_visible(); }
    static bool ask_nearest(scheduler& of, thread_record& self) {
        return of.ask_nearest(self, *seats_of(of));
    }
    static void push_spare(scheduler& of, thread_record& self) { of.seats_.push_spare(self); }
    /// By a thread at `place`.
    static thread_record* pop_spare(scheduler& of, int place) {
        detail::hot().place = place;
        thread_record* const one = of.seats_.pop_spare();
        detail::hot().place = -1;
        return one;
    }
    static int own_place(const scheduler& of) { return of.seats_.own_place(); }
    static thread_record* pop_spare_near(scheduler& of, int place) {
        return of.seats_.pop_spare(place);
    }
    static bool no_spares(scheduler& of) { return of.seats_.no_spares(); }
    static int free_number(scheduler& of, const thread_record& self) {
        return of.free_number(self);
    }
    static place_numbers& numbers(scheduler& of) { return of.numbers_; }
    static seating* seats_of(scheduler& of) { return of.seats_.all(); }
    static std::uint32_t threads(const scheduler& of) { return of.threads_.load(detail::acquire); }
    static std::uint32_t threads_max(const scheduler& of) { return of.threads_max_; }
};

/// A scheduler with one place, which the test itself will hold: it never starts a thread.
inline scheduler_options alone() {
    scheduler_options options;
    options.workers = 1;
    options.awake = 1;
    return options;
}

/// A scheduler whose threads are all awake.
inline scheduler_options with_workers(int workers) {
    scheduler_options options;
    options.workers = workers;
    options.awake = workers; // more than there are cores, so that they meet
    options.stack_size = std::size_t{1} << 20;
    options.yields = true;
    return options;
}

/// The Fibonacci numbers by a fork for each call that is no leaf.
inline int fib(int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] =
        twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

/// The threads that it has started and that live.
inline std::vector<thread_record*> own_threads(scheduler& of) {
    std::vector<thread_record*> found;
    for (std::uint32_t id = 0; id < of.table().size(); ++id) {
        if (thread_record& one = of.table()[id]; !one.guest && one.account.kernel_thread() != 0) {
            found.push_back(&one);
        }
    }
    return found;
}

/// Of all workers together.
inline std::uint64_t counted(scheduler& of, load_model::counter what) {
    return scheduler_test::counted(of, what);
}

/// Makes the calling thread a guest of `of`, which need not be the default runtime, and holds a
/// place of it: verbs inside go there.
class visit {
public:
    explicit visit(scheduler& of) : record_(*of.table().add(of, true)) {
        bind_stack(record_);
        record_.account.attach(of.load_source(), load_model::thread_account::role::guest);
        record_.hot.store(&detail::hot(), detail::seq_cst);
        of.enter(record_);
    }
    ~visit() {
        record_.owner.leave(record_);
        // As a guest's thread does when it ends.
        record_.hot.store(nullptr, detail::seq_cst);
        while (record_.ringing.load(detail::seq_cst) != 0) {
            detail::yield_slice();
        }
        record_.account.detach();
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;

    /// Leaves, and comes in once more.
    void again() {
        record_.owner.leave(record_);
        record_.owner.enter(record_);
    }

    [[nodiscard]] thread_record& record() const { return record_; }

private:
    thread_record& record_;
};

} // namespace twill::sched

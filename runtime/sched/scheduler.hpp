// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/source.hpp"
#include "sched/inbox.hpp"
#include "sched/job_state.hpp"
#include "sched/place.hpp"
#include "sched/spare.hpp"
#include "sched/thread_table.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/detail/clock.hpp"
#include "twill/detail/job.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace twill::sched {

using detail::job_end;

struct scheduler_options {
    /// The number of places.
    int workers = 1;
    /// How many of them may be held at the same time, to begin with: no more threads are awake than
    /// cores.
    int awake = 1;
    /// Reads again, while the runtime works, what the machine allows: the affinity mask of the
    /// runtime's threads, and the CPU quota, of the files below `machine_root`. At least
    /// `awake_at_least` places may be held, whatever that says.
    bool follows_machine = false;
    int awake_at_least = 1;
    const char* machine_root = "";
    std::size_t stack_size = std::size_t{8} << 20;
    /// Spinning threads offer their time slice to others: more threads than cores may be awake.
    bool yields = false;
    /// The numbers of the CPUs that the threads run on; none: those of the thread that starts them.
    std::vector<int> cores;
    /// Thread j is called name-j.
    char name[16] = "twill";
    /// shut_down() waits for the operating system's threads too. Without it they are detached.
    bool joins = true;
};

/// One runtime: its threads, their places, and the protocols between them. README.md in this folder
/// has the protocols as numbered steps; each .cpp here is one of them.
class scheduler {
public:
    explicit scheduler(const scheduler_options& options);
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;

    [[nodiscard]] int workers() const noexcept { return options_.workers; }
    [[nodiscard]] thread_table& table() noexcept { return table_; }
    [[nodiscard]] load_model::load_source& load_source() noexcept { return load_; }
    [[nodiscard]] place_counts counts() const noexcept { return places_.read(); }

    // active.cpp: how many places may be held at the same time. set_active() takes 1 to workers(),
    // from any thread, and returns what holds with regard to the machine too; no task is stopped.
    int set_active(int n) noexcept;
    [[nodiscard]] int active() const noexcept { return active_.load(detail::relaxed); }

    // guest.cpp: a thread from outside begins and ends a verb.
    void enter(thread_record& guest) noexcept;
    void leave(thread_record& guest) noexcept;

    // publish.cpp: the cold side of the poll.
    void poll(thread_record& self, job* newest) noexcept;
    bool share(thread_record& self, job* newest) noexcept;

    // join.cpp: the join of a marked job, and the end of a stolen one.
    bool join(thread_record& self, job& newest) noexcept;
    void finish(thread_record& self, job& stolen, job_end end) noexcept;

    // worker.cpp: a thread of the runtime, from its start to its end.
    void run_thread(thread_record& self) noexcept;

    // shutdown.cpp: ends all threads and returns when they are gone. Guests that are inside, or
    // hold a ticket, are waited for; none may enter any more.
    void shut_down() noexcept;

    // request.cpp: asks a thread for work.
    void arm(thread_record& victim) noexcept;

private:
    friend class scheduler_test;

    // publish.cpp
    void offer(thread_record& self, job* newest) noexcept;
    std::uint32_t publish(thread_record& self, job* newest) noexcept;
    void put(thread_record& self, std::span<job* const> newest_first) noexcept;
    bool make_room_for_sentinels(thread_record& self, std::size_t more) noexcept;
    bool skips_poll(thread_record& self) noexcept;
    void note_taken_back(thread_record& self) noexcept;

    // request.cpp
    void ask(thread_record& victim, request what) noexcept;
    void arm_all() noexcept;

    // join.cpp
    void wait_for(thread_record& self, job& child) noexcept;
    void sleep_until_done(thread_record& self, job& child) noexcept;
    void resume(thread_record& self, thread_record& sleeper) noexcept;

    // leapfrog.cpp
    bool leapfrog(thread_record& self, const job& child, job_state seen) noexcept;
    void run_leapfrogged(thread_record& self, thread_record& victim, job& one,
                         bool was_last) noexcept;

    // steal.cpp
    enum class found : std::uint8_t { nothing, ran_a_task, gave_place_away };
    found find_work(thread_record& self) noexcept;
    bool steal_from(thread_record& self, thread_record& victim) noexcept;
    void claim(thread_record& self, thread_record& victim, job& one) noexcept;
    void run_root(thread_record& self, job& one) noexcept;

    // settle.cpp
    void settle(thread_record& self) noexcept { settle(self.account); }
    void settle(load_model::thread_account& counts) noexcept;
    void wake_one(load_model::thread_account& counts) noexcept;
    bool work_visible(const thread_record* leaving_out = nullptr) noexcept;

    // active.cpp. Zero leaves what was asked for, or what the machine allows, as it is.
    int change_limit(int asked, int allowed) noexcept;
    void call_watcher() noexcept;

    // follow.cpp
    [[nodiscard]] int machine_allows() noexcept;
    void look_at_machine(std::uint64_t now) noexcept;
    void appoint_watcher() noexcept;
    void watch_machine(thread_record& self) noexcept;
    [[nodiscard]] bool held_to_one() noexcept;
    [[nodiscard]] bool anybody_runs() noexcept;
    /// Off the paths of forks and of publishing: it may take 100 us, twice a second.
    void follow_machine() noexcept {
        if (!options_.follows_machine) {
            return;
        }
        if (const std::uint64_t now = detail::ticks(); now > look_due_.load(detail::relaxed)) {
            look_at_machine(now);
        }
    }

    // guest.cpp
    void grant_tickets() noexcept;
    static void give_place(thread_record& guest) noexcept;

    // park.cpp
    call park(thread_record& self) noexcept;
    static void wake(thread_record& sleeper, call why = call::to_work) noexcept;
    void take_number(thread_record& self, load_model::activity first, std::uint64_t now) noexcept;
    void resume_number(thread_record& self, std::uint64_t now) noexcept;
    void adopt_number(thread_record& self, std::uint64_t now) noexcept;
    void put_number(thread_record& self, std::uint64_t now) noexcept;

    // worker.cpp
    call sleep_as_spare(thread_record& self) noexcept;
    void work(thread_record& self) noexcept;
    void end_search(thread_record& self) noexcept;
    void become_spare(thread_record& self, place_counts change) noexcept;
    bool create_thread(bool awake) noexcept;
    void note_refusal(int error, std::uint32_t threads) noexcept;
    void bind(thread_record& self) noexcept;
    static void unbind(thread_record& self) noexcept;

    // shutdown.cpp
    void release_spares() noexcept;
    void end_thread(thread_record& self) noexcept;

    scheduler_options options_;
    std::uint32_t threads_max_;
    std::uint64_t idle_spin_;
    std::uint64_t join_spin_;
    std::uint64_t busy_join_spin_;
    std::uint64_t longest_back_off_;
    std::uint64_t poll_period_;
    std::uint64_t worth_a_steal_;
    std::uint64_t refusal_holds_;
    std::uint64_t look_period_;
    detail::atomic<std::uint64_t> look_due_{0};
    /// How many places may be held: min(asked_, allowed_), which change under the lock.
    detail::atomic<std::int32_t> active_;
    std::mutex changing_limit_;
    int asked_;
    int allowed_;
    /// Does a spare thread watch the machine? Its futex too.
    enum watch : std::uint32_t { nobody_watches, watch_wanted, somebody_watches, called };
    detail::atomic<std::uint32_t> watching_{nobody_watches};

    place_word places_;
    spare_stack spares_;
    place_numbers numbers_;
    inbox inbox_;
    thread_table table_;
    /// Threads that were created, those that shut_down() has reached, and those that are gone.
    detail::atomic<std::uint32_t> threads_{0};
    detail::atomic<std::uint32_t> ending_{0};
    detail::atomic<std::uint32_t> leaving_{0};
    detail::atomic<std::uint32_t> gone_{0};
    /// A thread that went on above the limit, as a hint for who retires.
    detail::atomic<thread_record*> last_over_{nullptr};
    /// After the system has refused a thread: a record for the next attempt, when that may be, and
    /// whether it was told.
    detail::atomic<thread_record*> unstarted_{nullptr};
    detail::atomic<std::uint64_t> refused_until_{0};
    detail::atomic<std::uint32_t> refusal_told_{0};
    detail::atomic<std::uint32_t> cores_told_{0};
    std::unique_ptr<load_model::place_account[]> accounts_;
    load_model::load_source load_;
};

/// Reads the bounds of the calling thread's stack into its hot state, once, and into `record`.
void bind_stack(thread_record& record) noexcept;

/// The place of the calling thread, -1 outside; what the overflow handler asks, so it may be called
/// in one.
int running_place() noexcept;

} // namespace twill::sched

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/source.hpp"
#include "os/clock.hpp"
#include "sched/group.hpp"
#include "sched/inbox.hpp"
#include "sched/job_state.hpp"
#include "sched/place.hpp"
#include "sched/spare.hpp"
#include "sched/submission.hpp"
#include "sched/thread_table.hpp"
#include "sched/views.hpp"
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
    /// As many threads may be in blocking sections with their places given up.
    std::uint32_t blocked_max = 2048;
    /// Called on each thread of the runtime, with `context`, before its first and after its last
    /// task; null: nothing is.
    void (*thread_starts)(void* context) noexcept = nullptr;
    void (*thread_stops)(void* context) noexcept = nullptr;
    void* context = nullptr;
    /// The numbers of the CPUs that the threads run on; none: those of the thread that starts them.
    std::vector<int> cores;
    /// Thread j is called name-j.
    char name[16] = "twill";
    /// shut_down() waits for the operating system's threads too. Without it they are detached.
    bool joins = true;
};

/// Records of guests whose threads have ended, for the next ones.
class guest_pool {
public:
    void put(thread_record& one) noexcept {
        const locked_scope locked(lock_);
        one.next_free = first_;
        first_ = &one;
    }
    /// Null if there is none.
    [[nodiscard]] thread_record* take() noexcept {
        const locked_scope locked(lock_);
        thread_record* const one = first_;
        if (one != nullptr) {
            first_ = one->next_free;
        }
        return one;
    }

private:
    counted_lock lock_;
    thread_record* first_ = nullptr;
};

/// Ends the program with a line if the thread's task has forked, and this is the child.
inline void check_not_forked(const thread_record& self) noexcept {
    if (__builtin_expect(self.abandoned, 0)) {
        end_program("a task has called fork(), and the child goes on with the task: there the "
                    "runtime's threads are missing; call exec or _exit in the child");
    }
}

/// One runtime: its threads, their places, and the protocols between them. README.md in this folder
/// has the protocols as numbered steps; each .cpp here is one of them.
class scheduler {
public:
    explicit scheduler(const scheduler_options& options);
    scheduler(const scheduler&) = delete;
    scheduler& operator=(const scheduler&) = delete;

    [[nodiscard]] int workers() const noexcept { return options_.workers; }
    [[nodiscard]] const char* name() const noexcept { return options_.name; }
    [[nodiscard]] thread_table& table() noexcept { return table_; }
    [[nodiscard]] load_model::load_source& load_source() noexcept { return load_; }
    [[nodiscard]] place_counts counts() const noexcept { return places_.read(); }

    /// Records of guests that no thread has.
    [[nodiscard]] guest_pool& free_guests() noexcept { return free_guests_; }

    // active.cpp: how many places may be held at the same time. set_active() takes 1 to workers(),
    // from any thread, and returns what holds with regard to the machine too; no task is stopped.
    int set_active(int n) noexcept;
    [[nodiscard]] int active() const noexcept { return active_.load(detail::relaxed); }

    // guest.cpp: a thread from outside begins and ends a verb.
    void enter(thread_record& guest) noexcept;
    void leave(thread_record& guest) noexcept;

    // group.cpp, group_wait.cpp: a task into a group, by a thread of this runtime or (null) by
    // another, false without memory; and the wait, by a thread inside and one outside.
    bool run_in_group(group& g, thread_record* self, detail::group_act act,
                      const std::uint64_t* closure, std::size_t words) noexcept;
    void wait_for_group(thread_record& self, group& g) noexcept;

    /// Tasks have been put into a bag. With a thread asleep that waits for them that one is woken,
    /// even above the limit: nobody sleeps and waits for what nobody has begun. All seq_cst: who
    /// puts a task in and looks at the list, the sleepers and the places, against who writes there
    /// and looks for tasks.
    void announce(thread_record& self, group& g, bag& into, bag::put_result put) noexcept {
        const bool sleepers = put == bag::put_result::alone &&
                              group_word{g.word.load(detail::seq_cst)}.sleepers() != 0;
        if (into.listed.load(detail::seq_cst) != bag::is_listed || sleepers ||
            places_.read().idle()) {
            announce_slow(self, g, into, put);
        }
    }

    void wait_outside(thread_record& guest, group& g) noexcept;
    static void unlist(bag& one) noexcept;

    // submit.cpp: what is submitted from anywhere, and who waits for it.
    void submit(submission& one) noexcept;
    void await(thread_record* self, submission& one) noexcept;
    void wants_to_begin(const submission& one) noexcept;

    // blocking.cpp: a thread leaves its task for something else, and comes back. False: too many
    // have, and this one keeps its place.
    bool begin_blocking(thread_record& self) noexcept;
    void end_blocking(thread_record& self) noexcept;
    static void step_out(thread_record& self) noexcept;
    static void step_in(thread_record& self) noexcept;

    // publish.cpp: the cold side of the poll.
    void poll(thread_record& self, job* newest) noexcept;
    void poll_loop(thread_record& self, job* newest, std::uint64_t takes) noexcept;
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

    /// The watchdog's.
    watch_state watch;

private:
    friend class scheduler_test;

    // publish.cpp
    void offer(thread_record& self, job* newest) noexcept;
    std::uint32_t publish(thread_record& self, job* newest) noexcept;
    void put(thread_record& self, std::span<job* const> newest_first) noexcept;
    bool make_room_for_sentinels(thread_record& self, std::size_t more) noexcept;
    bool skips_poll(thread_record& self) noexcept;
    bool worth_a_wake(thread_record& self, std::uint64_t takes) noexcept;
    void note_taken_back(thread_record& self) noexcept;

    // request.cpp
    void ask(thread_record& victim, request what) noexcept;
    void arm_all() noexcept;

    // bags.cpp
    static bag* bag_of(group& g, thread_record& self) noexcept;
    static bag* bag_outside(group& g, thread_record& all, bool& shared) noexcept;
    static bag* bag_in_tables(group& g, thread_record& self) noexcept;
    void list(bag& one) noexcept;
    static void unlink(thread_record& home, bag& one) noexcept;
    static bag* find_bag(thread_record& home, bool pins) noexcept;

    // group.cpp
    void announce_slow(thread_record& self, group& g, bag& into, bag::put_result put) noexcept;
    bool is_to_be_woken(thread_record& sleeper) noexcept;
    bool wake_sleeper(load_model::thread_account& counts, group& g) noexcept;
    void unpin(load_model::thread_account& counts, group& g) noexcept;
    static void run_task(thread_record& self, group& g, group_task& task) noexcept;
    group_task* next_task(thread_record& self, group& g, bag*& own, group_task& room,
                          std::uint64_t& stays_until) noexcept;
    std::uint32_t take_some(thread_record& self, group& g, bag& from, bag*& own,
                            group_task& into) noexcept;
    enum class stops_for : std::uint8_t { nothing, the_limit, tickets_too, others_after_a_turn };
    void run_tasks(thread_record& self, group& g, stops_for what) noexcept;
    bool take_group(thread_record& self, thread_record& victim) noexcept;

    // group_wait.cpp
    /// The place of a waiter from outside: none, one that was free, or one whether or not it was.
    enum class outside_place : std::uint8_t { none, taken, above_limit };
    bool spin_for_group(group& g, bool has_place) noexcept;
    /// A thread that gives its place away, one without a place, or one that wants one too.
    enum class sleeps_as : std::uint8_t { worker, guest, guest_with_ticket };
    bool queue_sleeper(thread_record& self, group& g, sleeps_as what) noexcept;
    void sleep_for_group(thread_record& self, group& g) noexcept;
    outside_place sleep_outside(thread_record& guest, group& g) noexcept;
    outside_place sleep_with_ticket(thread_record& guest, group& g) noexcept;
    static void forget_sleeper(thread_record& guest, group& g) noexcept;

    // submit.cpp
    static void run_submission(thread_record& self, submission& one) noexcept;
    void run_as_guest(submission& one) noexcept;
    void wake_for_submissions() noexcept;
    void end_submission(submission& one) noexcept;
    void run_all_submissions() noexcept;

    // blocking.cpp
    void publish_all(thread_record& self) noexcept;
    static bool has_private(const thread_record& self, const job* newest) noexcept;
    void open_rest(thread_record& self, job* newest) noexcept;
    static void close_rest(thread_record& self) noexcept;
    bool publish_rest(thread_record& victim) noexcept;
    void hand_over(thread_record& self) noexcept;
    void go_on(thread_record& self) noexcept;
    void complain_of_blocked() noexcept;

    // join.cpp
    void wait_for(thread_record& self, job& child) noexcept;
    void sleep_until_done(thread_record& self, job& child) noexcept;
    void resume(load_model::thread_account& counts, thread_record& sleeper) noexcept;

    // leapfrog.cpp
    bool leapfrog(thread_record& self, const job& child, job_state seen) noexcept;
    void run_leapfrogged(thread_record& self, thread_record& victim, job& one,
                         bool was_last) noexcept;

    // steal.cpp
    enum class found : std::uint8_t { nothing, ran_a_task, gave_place_away };
    found find_work(thread_record& self) noexcept;
    bool steal_from(thread_record& self, thread_record& victim) noexcept;
    void claim(thread_record& self, thread_record& victim, job& one) noexcept;
    void begin_running(thread_record& self) noexcept;

    /// Runs `body` with an empty list, as what this thread began by itself.
    template <class Body>
    void run_root(thread_record& self, Body body) noexcept {
        detail::hot_state& hot = detail::hot();
        job* const tail = hot.tail;
        hot.tail = nullptr;
        detail::view_map* const outer_views = views::begin_strand();
        self.polls_to_skip = 0; // how small the forks of the last root were tells nothing
        self.account.enter(load_model::activity::useful, detail::ticks());
        body();
        check_not_forked(self);
        self.account.enter(load_model::activity::dispatch, detail::ticks());
        TWILL_CHECK(hot.tail == nullptr && hot.views == nullptr); // `body` has passed them on
        hot.tail = tail;
        hot.views = outer_views;
    }

    // settle.cpp
    void settle(thread_record& self) noexcept { settle(self.account); }
    void settle(load_model::thread_account& counts) noexcept;
    void wake_one(load_model::thread_account& counts) noexcept;
    bool work_visible(const thread_record* leaving_out = nullptr) noexcept;
    static bool has_public(thread_record& one) noexcept;
    void wake_waiter(load_model::thread_account& counts) noexcept;

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
    void enter_with_place(thread_record& guest, bool above_limit) noexcept;
    static void begin_presence(thread_record& guest) noexcept;
    static void end_presence(thread_record& guest) noexcept;
    void grant_tickets() noexcept;
    thread_record* outside() noexcept;
    static void give_place(thread_record& guest) noexcept;

    // park.cpp
    call park(thread_record& self) noexcept;
    void note_wake(std::uint64_t took) noexcept;
    static void wake(thread_record& sleeper, call why = call::to_work) noexcept;
    void wake_beside(thread_record& spare) noexcept;
    bool woken_beside(thread_record& self) noexcept;
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
    bool insist_on_thread() noexcept;
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
    /// From a wake-up to the first step of who was woken, in ticks, about; measured.
    detail::atomic<std::uint64_t> wake_takes_;
    /// How many more threads are kept off their waker's CPU.
    detail::atomic<std::uint32_t> wakes_to_steer_{0};
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
    submission_queue submissions_;
    /// Submissions that have not ended; whether shut_down() waits for the last.
    detail::atomic<std::uint32_t> submitted_{0};
    detail::atomic<std::uint32_t> last_awaited_{0};
    /// Threads in blocking sections without a place.
    detail::atomic<std::uint32_t> blocked_{0};
    detail::atomic<std::uint32_t> complained_{0};
    guest_pool free_guests_;
    /// Stands for all threads outside that put tasks into groups.
    detail::atomic<thread_record*> outside_{nullptr};
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

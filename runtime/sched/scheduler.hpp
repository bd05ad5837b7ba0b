// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/source.hpp"
#include "sched/group.hpp"
#include "sched/guest_pool.hpp"
#include "sched/inbox.hpp"
#include "sched/job_state.hpp"
#include "sched/levels.hpp"
#include "sched/mailbox.hpp"
#include "sched/place.hpp"
#include "sched/scheduler_options.hpp"
#include "sched/seats.hpp"
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

namespace twill::sched {

using detail::job_end;
using detail::kind_frame;
struct taken_how;

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
    [[nodiscard]] guest_pool& free_guests() noexcept { return free_guests_; } // that no thread has

    // active.cpp: how many places may be held at the same time. set_active() takes 1 to workers(),
    // from any thread, and returns what holds with regard to the machine too; no task is stopped.
    int set_active(int n) noexcept;
    [[nodiscard]] int active() const noexcept { return active_.load(detail::relaxed); }

    // guest.cpp: a thread from outside begins and ends a verb.
    void enter(thread_record& guest, trace::root_why why = trace::root_why::guest) noexcept;
    void leave(thread_record& guest) noexcept;

    // group.cpp, group_wait.cpp: a task into a group, by a thread of this runtime or (null) by
    // another, false without memory; and the wait, by a thread inside, one that is in a kind or
    // recorded, and one outside.
    bool run_in_group(group& g, thread_record* self, detail::group_act act,
                      const std::uint64_t* closure, std::size_t words, put_where where) noexcept;
    void wait_for_group(thread_record& self, group& g) noexcept;
    void wait_noted(thread_record& self, group& g) noexcept;

    /// Tasks have been put into a bag. A thread that sleeps and waits for them is woken, even above
    /// the limit. All seq_cst: who puts a task in and looks at the list, the sleepers and the
    /// places, against who writes there and looks for tasks.
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
    void poll_loop(thread_record& self, job* newest, std::uint64_t takes,
                   std::uint64_t took) noexcept;
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

    // recorded.cpp: the threads record their events as of `session`, which is none that was before,
    // or with 0 no more; and the fork, the join, the loop and the tasks of a thread that does.
    void set_recorded(std::uint32_t session) noexcept;
    [[nodiscard]] bool is_recorded() const noexcept { return recorded_.load(detail::relaxed) != 0; }
    void follow_recording(thread_record& self) noexcept {
        // seq_cst: a thread that is new in the table and then looks here, against who changes this
        // and then looks at the table
        if (recorded_.load(detail::seq_cst) != self.recorder.session()) {
            follow_recording_slow(self);
        }
    }
    bool poll_fork(thread_record& self, job* newest, bool entered) noexcept;
    void poll_block(thread_record& self, job* newest) noexcept;
    void note_spawn(thread_record& self, group& g) noexcept;

    // steal_seated.cpp: where the places are is known, once. Does a thread run a task?
    void seat_by(std::unique_ptr<seating> all) noexcept;
    void learn(const topology::worker_table& on) noexcept; // learn.cpp, from such a table
    [[nodiscard]] bool runs(const thread_record& one) const noexcept { return seats_.runs(one); }

    watch_state watch;         ///< the watchdog's
    known_machine known_nodes; ///< see placed.hpp

private:
    friend class scheduler_test;
    friend class placing;
    friend class hinting;

    // publish.cpp
    void offer(thread_record& self, job* newest) noexcept;
    std::uint32_t publish(thread_record& self, job* newest) noexcept;
    void put(thread_record& self, std::span<job* const> newest_first,
             const detail::kind_frame* kind) noexcept;
    bool make_room_for_sentinels(thread_record& self, std::size_t more) noexcept;
    bool skips_poll(thread_record& self) noexcept;
    bool worth_a_wake(thread_record& self, std::uint64_t takes, std::uint64_t took) noexcept;
    void wake_for(thread_record& self, std::uint64_t takes) noexcept;
    std::uint64_t wake_price() const noexcept;
    void note_taken_back(thread_record& self) noexcept;

    // request.cpp
    void ask(thread_record& victim, request what) noexcept;
    void arm_all() noexcept;

    // recorded.cpp
    void follow_recording_slow(thread_record& self) noexcept;
    static void note_join(thread_record& self, const job& joined, bool came_back) noexcept;
    std::uint32_t number_of(group& g) noexcept;
    std::uint32_t note_begin(thread_record& self, trace::event_type what, group& g) noexcept;

    // bags.cpp
    static bag* bag_of(group& g, thread_record& self) noexcept;
    static bag* bag_outside(group& g, thread_record& all, bool& shared) noexcept;
    bag* bag_apart(group& g, put_where where) noexcept;
    static bag* bag_in_tables(group& g, thread_record& self) noexcept;
    void list(bag& one) noexcept;
    static void unlink(thread_record& home, bag& one) noexcept;
    [[nodiscard]] std::uint32_t levels_apart() const noexcept;
    static bag* first_with_tasks(thread_record& home, std::uint32_t level,
                                 std::uint32_t& bags) noexcept;
    static bag* find_bag(thread_record& home, bool pins,
                         std::uint32_t levels = all_levels) noexcept;

    // group.cpp
    void announce_slow(thread_record& self, group& g, bag& into, bag::put_result put) noexcept;
    bool is_to_be_woken(thread_record& sleeper) noexcept;
    bool wake_sleeper(load_model::thread_account& counts, group& g) noexcept;
    void unpin(load_model::thread_account& counts, group& g) noexcept;

    // group_levels.cpp
    group_task* next_by_level(thread_record& self, group& g, group_run& run) noexcept;
    group_task* next_normal(thread_record& self, group& g, group_run& run) noexcept;
    bool stays_for(thread_record& self, std::uint32_t level, std::uint32_t has) noexcept;
    static bool take_one(thread_record& self, bag& from, group_task& into) noexcept;

    // group_run.cpp
    static void run_plain_task(thread_record& self, group& g, group_task& task) noexcept;
    void run_recorded_task(thread_record& self, group& g, group_task& task) noexcept;
    void run_task(thread_record& self, group& g, group_task& task) noexcept;
    void run_at_limit(thread_record& self, group& g, detail::group_act act,
                      const std::uint64_t* closure, std::size_t words) noexcept;
    group_task* next_task(thread_record& self, group& g, group_run& run) noexcept;
    void stay_away(thread_record& self, group& g, group_run& run) noexcept;
    group_task* next_of_others(thread_record& self, group& g, group_run& run) noexcept;
    std::uint32_t take_some(thread_record& self, group& g, bag& from, bag*& own,
                            group_task& into) noexcept;
    enum class stops_for : std::uint8_t { nothing, the_limit, tickets_too, others_after_a_turn };
    void run_tasks(thread_record& self, group& g, stops_for what) noexcept;
    bool take_group(thread_record& self, thread_record& victim, std::uint32_t levels) noexcept;

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
    bool take_back(thread_record& self, job& newest) noexcept;
    void wait_for(thread_record& self, job& child) noexcept;
    bool is_to_sleep(std::uint64_t waited, const thread_record* leaving_out) noexcept;
    void sleep_until_done(thread_record& self, job& child) noexcept;
    void resume(load_model::thread_account& counts, thread_record& sleeper) noexcept;

    // leapfrog.cpp
    bool leapfrog(thread_record& self, const job& child, job_state seen) noexcept;
    void run_leapfrogged(thread_record& self, thread_record& victim, job& one,
                         load_model::root_origin from, bool was_last) noexcept;

    // steal.cpp
    enum class found : std::uint8_t { nothing, ran_a_task, gave_place_away };
    found find_work(thread_record& self) noexcept;
    bool run_next_submission(thread_record& self, std::int32_t share) noexcept;
    bool steal(thread_record& self, std::uint64_t start, std::uint32_t levels) noexcept;
    bool find_by_level(thread_record& self, std::uint64_t start, std::uint32_t apart,
                       std::int32_t share) noexcept;
    bool steal_from(thread_record& self, thread_record& victim, std::uint32_t levels) noexcept;
    void claim(thread_record& self, thread_record& victim, job& one) noexcept;
    void begin_running(thread_record& self) noexcept;

    template <class Body> // root.hpp
    void run_root(thread_record& self, taken_how how, load_model::root_origin from,
                  Body body) noexcept;

    // steal_seated.cpp
    void ask_to_sit() noexcept;
    void sit_in_mid_task(thread_record& self) noexcept;
    bool steal_seated(thread_record& self, seating& all, std::uint64_t start,
                      std::uint32_t levels) noexcept;
    bool ask_nearest(thread_record& self, seating& all) noexcept;
    std::int32_t free_number(const thread_record& self) noexcept;
    void count_stolen(thread_record& self, std::int32_t from) noexcept;

    // settle.cpp
    void settle(thread_record& self) noexcept { settle(self.account); }
    void settle(load_model::thread_account& counts) noexcept;
    void wake_one(load_model::thread_account& counts, int near) noexcept;
    bool wake_spare(load_model::thread_account& counts, int near) noexcept;
    void wake_more(load_model::thread_account& counts) noexcept;
    bool work_visible(const thread_record* leaving_out = nullptr) noexcept;
    static bool has_public(thread_record& one) noexcept;
    void wake_waiter(load_model::thread_account& counts) noexcept;

    // active.cpp. Zero leaves what was asked for, or what the machine allows, as it is.
    int change_limit(int asked, int allowed) noexcept;
    void call_watcher() noexcept;

    // learn.cpp, follow.cpp
    void appoint_learner() noexcept;
    void learn_places(thread_record& self) noexcept;
    [[nodiscard]] int cpus_of_pinned(std::vector<int>& which) noexcept;
    [[nodiscard]] int machine_allows() noexcept;
    void look_at_machine(std::uint64_t now) noexcept;
    void appoint_watcher() noexcept;
    void watch_machine(thread_record& self) noexcept;
    [[nodiscard]] bool leave_watch() noexcept;
    void look_if_unwatched() noexcept;
    [[nodiscard]] bool held_down() noexcept;
    [[nodiscard]] bool anybody_runs() noexcept;
    /// Off the paths of forks and of publishing: it may take 100 us, twice a second.
    void follow_machine() noexcept {
        const std::uint64_t now = looks_ ? detail::ticks() : 0;
        if (now > look_due_.load(detail::relaxed)) {
            look_at_machine(now);
        }
    }

    // guest.cpp
    void enter_with_place(thread_record& guest, bool above_limit, trace::root_why why) noexcept;
    static void begin_presence(thread_record& guest) noexcept;
    static void end_presence(thread_record& guest) noexcept;
    void grant_tickets() noexcept;
    thread_record* outside() noexcept;
    static void give_place(thread_record& guest) noexcept;

    // park.cpp
    call park(thread_record& self) noexcept;
    call sleep_blocked(thread_record& self) noexcept;
    void note_wake(std::uint64_t took) noexcept;
    static void wake(thread_record& sleeper, call why = call::to_work) noexcept;
    void wake_beside(thread_record& spare, std::int32_t place) noexcept;
    bool woken_beside(thread_record& self) noexcept;
    void take_number(thread_record& self, load_model::activity first, std::uint64_t now) noexcept;
    void resume_number(thread_record& self, std::uint64_t now) noexcept;
    void adopt_number(thread_record& self, std::uint64_t now) noexcept;
    void put_number(thread_record& self, std::uint64_t now) noexcept;

    // worker.cpp, shutdown.cpp
    call sleep_as_spare(thread_record& self) noexcept;
    void work(thread_record& self) noexcept;
    void end_search(thread_record& self) noexcept;
    void become_spare(thread_record& self, place_counts change) noexcept;
    bool create_thread(bool awake) noexcept;
    bool insist_on_thread() noexcept;
    void note_refusal(int error, std::uint32_t threads) noexcept;
    void bind(thread_record& self) noexcept;
    static void unbind(thread_record& self) noexcept;
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
    detail::atomic<std::uint32_t> wakes_to_steer_; ///< threads to keep off their waker's CPU
    std::uint64_t refusal_holds_;
    std::uint64_t look_period_;
    detail::atomic<std::uint64_t> look_due_{0};
    bool looks_; ///< at the machine
    enum learning : std::uint32_t { nobody_learns, somebody_learns, somebody_has_learned };
    detail::atomic<std::uint32_t> learning_;
    /// How many places may be held: min(asked_, allowed_), which change under the lock.
    detail::atomic<std::int32_t> active_;
    std::mutex changing_limit_;
    int asked_;
    int allowed_;
    /// Does a spare thread watch the machine? Its futex too.
    enum watch : std::uint32_t { nobody_watches, watch_wanted, somebody_watches, called };
    detail::atomic<std::uint32_t> watching_{nobody_watches};

    place_word places_;
    place_numbers numbers_;
    inbox inbox_;
    submission_queue submissions_;
    /// Submissions that have not ended; whether shut_down() waits for the last.
    detail::atomic<std::uint32_t> submitted_{0};
    detail::atomic<std::uint32_t> last_awaited_{0};
    /// How many bags of each level but the normal one are listed.
    detail::atomic<std::uint32_t> bags_apart_[level_count]{};
    detail::atomic<std::uint32_t> blocked_{0}; ///< threads in sections, without a place
    detail::atomic<std::uint32_t> complained_{0};
    guest_pool free_guests_;
    /// Stands for all threads outside that put tasks into groups.
    detail::atomic<thread_record*> outside_{nullptr};
    thread_table table_;
    seats seats_{table_};
    /// Threads that were created, those that shut_down() has reached, and those that are gone.
    detail::atomic<std::uint32_t> threads_{0};
    detail::atomic<std::uint32_t> ending_{0};
    detail::atomic<std::uint32_t> leaving_{0};
    detail::atomic<std::uint32_t> gone_{0};
    detail::atomic<thread_record*> last_over_{nullptr}; ///< went on above the limit: it may retire
    /// After the system has refused a thread: a record for the next attempt, when that may be, and
    /// whether it was told.
    detail::atomic<thread_record*> unstarted_{nullptr};
    detail::atomic<std::uint64_t> refused_until_{0};
    detail::atomic<std::uint32_t> refusal_told_{0};
    detail::atomic<std::uint32_t> cores_told_{0};
    detail::atomic<std::uint32_t> recorded_{0};      ///< the session of threads that are, or 0
    detail::atomic<std::uint32_t> group_numbers_{0}; ///< that were given in recordings
    std::unique_ptr<load_model::place_account[]> accounts_;
    load_model::load_source load_;
};

/// Reads the bounds of the calling thread's stack into its hot state, once, and into `record`.
void bind_stack(thread_record& record) noexcept;

/// The place of the calling thread, -1 outside; may be called in the overflow handler.
int running_place() noexcept;

} // namespace twill::sched

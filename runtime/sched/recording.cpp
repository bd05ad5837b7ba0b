// SPDX-License-Identifier: Apache-2.0
#include "sched/recording.hpp"

#include "load/all_runtimes.hpp"
#include "os/clock.hpp"
#include "os/futex.hpp"
#include "os/thread.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <limits>
#include <mutex>
#include <utility>

namespace twill::sched {

namespace {

constexpr int everybody = std::numeric_limits<int>::max();
constexpr std::size_t stack_size = std::size_t{1} << 20;

/// How often the accounts are written.
constexpr std::uint64_t accounts_period = 100'000'000; // nanoseconds, as all here
/// How often the rings are emptied, at least; and while one of them fills fast. Who fills half of
/// one in less rings the bell.
constexpr std::uint64_t events_period = 10'000'000;
constexpr std::uint64_t events_period_if_many = 1'000'000;
constexpr std::uint64_t many_events = trace::ring::capacity / 16;

thread_local bool runs_recording = false;

trace::clock_reading clock_now() noexcept {
    const os::clock_anchor now = os::anchor();
    return {now.ticks, now.nanoseconds};
}

} // namespace

bool is_recording_thread() noexcept { return runs_recording; }

recording::recording(scheduler& of, recording_request what, std::uint32_t session) noexcept
    : of_(of), what_(std::move(what)), session_(session) {}

int recording::start() noexcept {
    const int error = os::start_thread(
                          {"twill-record", stack_size},
                          [](void* self) { static_cast<recording*>(self)->run(); }, this)
                          .error;
    if (error != 0) {
        return error;
    }
    // acquire, here and in stop(): pairs with the release in enter()
    while (state_.load(detail::acquire) == starting) {
        detail::futex_wait(state_, starting);
    }
    return error_;
}

int recording::stop() noexcept {
    std::uint32_t seen = running;
    state_.compare_exchange_strong(seen, told_to_end, detail::relaxed, detail::relaxed);
    // release: pairs with the acquire in write_until_told(), for the state
    trace::ring_bell.exchange(1, detail::release);
    detail::futex_wake(trace::ring_bell, everybody);
    for (;;) {
        seen = state_.load(detail::acquire);
        if (seen == gone) {
            return error_;
        }
        detail::futex_wait(state_, seen);
    }
}

// The last touch of the recording, but for the address that the kernel may look up in vain.
void recording::enter(state next) noexcept {
    state_.store(next, detail::release); // acquire in start() and stop()
    detail::futex_wake(state_, everybody);
}

void recording::run() noexcept {
    runs_recording = true;
    try {
        const trace::file_header header = describe_recording(what_.mode);
        before_ = snapshot(load_model::open_windows::timed);
        load_model::begin_recording_runtimes();
        if (file_.open(what_.path.c_str(), header, what_.existing)) {
            write_machine();
        }
        error_ = file_.error();
    } catch (const std::exception&) {
        error_ = ENOMEM;
    }
    if (error_ != 0) {
        load_model::end_recording_runtimes();
        enter(gone);
        return;
    }
    if (has_events()) {
        begin_events();
    }
    std::uint32_t begun = starting;
    if (state_.compare_exchange_strong(begun, running, detail::release, detail::relaxed)) {
        detail::futex_wake(state_, everybody);
    }
    write_until_told();
    if (has_events()) {
        end_events();
    }
    write_accounts();
    if (file_.going()) {
        file_.finish(clock_now());
    }
    load_model::end_recording_runtimes();
    error_ = file_.error();
    enter(gone);
}

void recording::begin_events() noexcept {
    recorded_list& others = recorded_runtimes_of_process();
    const std::lock_guard locked(others.lock);
    others.by = this;
    for (recorded_runtime* one = others.first; one != nullptr; one = one->next) {
        include(*one);
    }
    of_.set_recorded(session_);
}

// What a thread records after the last look at its ring is not a part of the file, and not lost:
// the recording has ended.
void recording::end_events() noexcept {
    recorded_list& others = recorded_runtimes_of_process();
    const std::lock_guard locked(others.lock);
    of_.set_recorded(0);
    for (recorded_runtime* one = others.first; one != nullptr; one = one->next) {
        one->of->set_recorded(0);
    }
    write_events_of(of_, 0);
    write_lost_of(of_, 0);
    for (recorded_runtime* one = others.first; one != nullptr; one = one->next) {
        write_last(*one);
    }
    others.by = nullptr;
}

// The number is the one of its accounts: those are counted before, and keep it while there is a
// recording.
void recording::include(recorded_runtime& one) noexcept {
    one.number = load_model::number_of(one.of->load_source());
    if (one.number <= trace::largest_runtime) {
        one.of->set_recorded(session_);
        return;
    }
    if (one.number == trace::largest_runtime + 1) {
        file_.write(trace::note{"more than 65535 runtimes: further ones have no events"});
    }
    one.number = 0;
}

void recording::write_last(recorded_runtime& one) noexcept {
    if (one.number != 0) {
        write_events_of(*one.of, one.number);
        write_lost_of(*one.of, one.number);
    }
}

void recording::write_until_told() {
    std::uint64_t period = events_period;
    auto accounts_at = static_cast<std::uint64_t>(os::monotonic_nanoseconds()) + accounts_period;
    while (file_.going()) {
        const auto now = static_cast<std::uint64_t>(os::monotonic_nanoseconds());
        if (now >= accounts_at) {
            write_accounts();
            accounts_at = now + accounts_period;
        }
        const std::uint64_t left = accounts_at - now;
        os::futex_wait_for(trace::ring_bell, 0, has_events() ? std::min(period, left) : left);
        // The bell down first: whoever rings it again is heard. acquire: pairs with stop()
        trace::ring_bell.exchange(0, detail::acquire);
        if (state_.load(detail::relaxed) == told_to_end) {
            return;
        }
        period = write_events() > many_events ? events_period_if_many : events_period;
    }
}

// Returns how many words the fullest ring had. A runtime that begins or ends meanwhile waits.
std::uint64_t recording::write_events() noexcept {
    if (!has_events()) {
        return 0;
    }
    recorded_list& others = recorded_runtimes_of_process();
    others.turn.lock(); // after whoever waits
    others.turn.unlock();
    const std::lock_guard locked(others.lock);
    std::uint64_t most = write_events_of(of_, 0);
    for (recorded_runtime* one = others.first; one != nullptr; one = one->next) {
        if (one->number != 0) {
            most = std::max(most, write_events_of(*one->of, one->number));
        }
    }
    return most;
}

std::uint64_t recording::write_events_of(scheduler& of, std::uint32_t number) noexcept {
    std::uint64_t most = 0;
    const std::uint32_t threads = of.table().size();
    for (std::uint32_t id = 0; id < threads && file_.going(); ++id) {
        std::uint64_t took = 0;
        of.table()[id].recorder.events().empty(
            session_, took, [&](std::uint64_t first_tick, auto words, std::uint64_t lost) {
                // Whatever the words name was named before the ring's head was read.
                return write_names() && file_.write_events({id, number}, first_tick, words, lost);
            });
        most = std::max(most, took);
    }
    return most;
}

/// After the last look at its rings: what was lost since.
void recording::write_lost_of(scheduler& of, std::uint32_t number) noexcept {
    const std::uint32_t threads = of.table().size();
    for (std::uint32_t id = 0; id < threads; ++id) {
        const trace::ring& events = of.table()[id].recorder.events();
        if (const std::uint64_t lost = events.lost_at_end(session_); lost != 0) {
            file_.write_events({id, number}, detail::ticks(), {}, lost);
        }
    }
}

// Without memory a name comes later, or never: then a reader shows its number.
bool recording::write_names() noexcept {
    if (!names_.any()) {
        return file_.going();
    }
    try {
        return file_.write(names_.take());
    } catch (const std::exception&) {
        return file_.going();
    }
}

// Nothing is submitted to the default runtime, so those to all others stand beside its accounts.
load_snapshot recording::snapshot(load_model::open_windows open) const {
    load_snapshot now = load_model::snapshot_of(of_.load_source(), open);
    now.since_start.responses = load_model::responses_of_all();
    return now;
}

// Without memory this reading is left out; the next one has all that it would have had.
void recording::write_accounts() noexcept {
    std::unique_lock<std::mutex> file; // nobody else writes where there are no events
    if (has_events()) {
        file = std::unique_lock(recorded_runtimes_of_process().lock);
    }
    try {
        // A window counts if it was open in the recording, with the time that lies in it.
        const load_window window = snapshot(load_model::open_windows::counted) - before_;
        write_machine();
        file_.write(accounts_of(window));
        file_.write(clock_now());
        write_tables(window);
    } catch (const std::exception&) {
        return;
    }
}

// As the recording begins, and when it is known where the workers are.
void recording::write_machine() {
    const bool known = of_.known_nodes.rows() != nullptr;
    if (!begun_ || (known && !has_places_)) {
        begun_ = file_.write(machine_of(of_));
        has_places_ = begun_ && known;
    }
}

// The cumulative tables beside the accounts.
void recording::write_tables(const load_window& window) {
    if (!window.threads.empty()) {
        file_.write(threads_of(window));
    }
    if (!window.responses.empty()) {
        file_.write(responses_of(window));
    }
    if (const trace::runtime_table others = recorded_runtimes(what_.mode);
        !others.runtimes.empty()) {
        file_.write(others);
    }
    file_.write(hardware_of(window));
    if (window.joules) {
        file_.write(trace::energy{*window.joules});
    }
    if (what_.mode == record_mode::counters) {
        return;
    }
    if (!window.kinds.empty()) {
        file_.write(kinds_of(window));
    }
    if (!window.regions.empty()) {
        file_.write(regions_of(window));
    }
}

} // namespace twill::sched

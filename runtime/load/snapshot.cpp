// SPDX-License-Identifier: Apache-2.0
#include "load/snapshot.hpp"

#include "load/account.hpp"
#include "load/energy.hpp"
#include "load/kind_load.hpp"
#include "load/region_load.hpp"
#include "load/source.hpp"
#include "load/thread_account.hpp"
#include "load/timescale.hpp"
#include "os/clock.hpp"
#include "twill/load.hpp"

#include <algorithm>
#include <cstddef>

namespace twill::load_model {

namespace {

using duration = worker_load::duration;

/// The reading thread may lose its core between the threads and the places, whose readings then do
/// not fit each other. So it tries again, so many times in all, when it took this long a thread.
constexpr int attempts = 4;
constexpr double longest_thread_reading_us = 50;

void copy_counts(worker_load& to, const place_reading& from) noexcept {
    const auto count = [&from](counter what) {
        return from.counts[static_cast<std::size_t>(what)];
    };
    to.forks = count(counter::forks);
    to.published = count(counter::published);
    to.taken_back = count(counter::taken_back);
    to.stolen = count(counter::stolen);
    to.leapfrogged = count(counter::leapfrogged);
    to.polls = count(counter::polls);
    to.joins_blocked = count(counter::joins_blocked);
    to.handed_over = count(counter::handed_over);
    to.parks = count(counter::parked);
    to.wakes = count(counter::woken);
    to.retired = count(counter::retired);
    to.threads = count(counter::threads);
    to.tickets = count(counter::tickets);
    to.tasks = count(counter::tasks);
    to.failed = count(counter::failed);
    to.stolen_remote = count(counter::stolen_remote);
    to.stolen_middle = count(counter::stolen_middle);
    to.stolen_far = count(counter::stolen_far);
    to.placed = count(counter::placed);
    to.displaced = count(counter::displaced);
}

void copy_hardware(worker_load& to, const place_reading& from, const load_source& source) noexcept {
    const auto count = [&](os::hardware_event what) -> std::optional<std::uint64_t> {
        if (source.hardware_absent(what) != nullptr) {
            return std::nullopt;
        }
        return from.hardware[static_cast<std::size_t>(what)];
    };
    to.cycles = count(os::hardware_event::cycles);
    to.instructions = count(os::hardware_event::instructions);
    to.cache_misses = count(os::hardware_event::cache_misses);
}

/// The reason of the first event that has one.
const char* counters_absent(const load_source& source) noexcept {
    for (std::size_t k = 0; k < os::hardware_event_count; ++k) {
        const char* const why = source.hardware_absent(static_cast<os::hardware_event>(k));
        if (why != nullptr) {
            return why;
        }
    }
    return nullptr;
}

/// `pending`: for how long the thread on the place waits for a core by now; null if unknown.
worker_load worker_from(const place_reading& reading, const timescale& scale,
                        const duration* pending) noexcept {
    // Rounding the running sum keeps the sum of the columns what it is.
    duration columns[activity_count];
    std::uint64_t so_far = 0;
    for (std::size_t k = 0; k < activity_count; ++k) {
        const duration begin = scale.of(so_far);
        so_far += reading.ticks[k];
        columns[k] = scale.of(so_far) - begin;
    }
    worker_load result;
    result.open = scale.of(so_far);
    if (pending != nullptr) {
        result.preempted = duration{};
        for (std::size_t k = 0; k < activity_count; ++k) {
            duration delay(static_cast<std::int64_t>(reading.delay[k]));
            if (k == static_cast<std::size_t>(reading.current)) {
                delay += *pending;
            }
            delay = std::min(delay, columns[k]);
            columns[k] -= delay;
            *result.preempted += delay;
        }
    }
    result.useful = columns[static_cast<std::size_t>(activity::useful)];
    result.dispatch = columns[static_cast<std::size_t>(activity::dispatch)];
    result.search = columns[static_cast<std::size_t>(activity::search)];
    result.parked = columns[static_cast<std::size_t>(activity::parked)];
    result.over = duration(static_cast<std::int64_t>(reading.over));
    copy_counts(result, reading);
    return result;
}

/// What the threads add to the accounts of the places.
struct threads_reading {
    std::vector<duration> pending; // by place
    std::vector<duration> over;    // by place
    duration cpu{};
    duration off_places{};
    std::uint64_t count = 0;
    bool cpu_known = true;
    bool delay_known = false;

    explicit threads_reading(const load_source& source)
        : pending(static_cast<std::size_t>(source.workers())), over(pending) {}

    void read(const load_source& source) noexcept {
        std::fill(pending.begin(), pending.end(), duration{});
        std::fill(over.begin(), over.end(), duration{});
        cpu = duration{};
        off_places = duration{};
        count = 0;
        cpu_known = true;
        const auto number = [&source](const place_account* place) {
            return static_cast<std::size_t>(place - &source.place(0));
        };
        for (auto* thread = source.first_thread(); thread != nullptr; thread = thread->next()) {
            const thread_account::reading one = thread->read(os::ticks());
            ++count;
            delay_known = delay_known || one.delay_known;
            cpu_known = cpu_known && one.cpu >= 0;
            cpu += duration(one.cpu);
            off_places += duration(static_cast<std::int64_t>(one.off_places));
            if (one.over_on != nullptr) {
                over[number(one.over_on)] += duration(one.over);
            } else if (one.on != nullptr) {
                pending[number(one.on)] = duration(one.pending);
            }
        }
    }
};

std::vector<thread_load> threads_of(const load_source& source, std::uint64_t now,
                                    const timescale& scale) {
    std::vector<thread_load> result;
    for (auto* thread = source.first_thread(); thread != nullptr; thread = thread->next()) {
        const thread_account::blocked_reading one = thread->read_blocked(now);
        result.push_back({one.number, one.guest, static_cast<int>(one.kernel_thread),
                          scale.of(one.ticks), one.times});
    }
    std::sort(result.begin(), result.end(), [](const thread_load& one, const thread_load& other) {
        return one.number < other.number;
    });
    return result;
}

} // namespace

load_snapshot snapshot_of(const load_source& of, open_windows open) {
    const load_source* const source = &of;
    load_snapshot result;
    load_window& window = result.since_start;
    std::vector<place_reading> places(static_cast<std::size_t>(source->workers()));
    window.workers.reserve(places.size());
    threads_reading threads(*source);
    const std::uint64_t longest_reading = os::ticks_from_microseconds(longest_thread_reading_us);
    os::clock_anchor now{};
    for (int attempt = 0; attempt < attempts; ++attempt) {
        // The threads first: what they charge is then in the accounts, which are read in one go.
        const std::uint64_t begin = os::ticks();
        threads.read(*source);
        now = os::anchor();
        for (std::size_t k = 0; k < places.size(); ++k) {
            places[k] = source->place(static_cast<int>(k)).read();
        }
        if (os::ticks() - begin <= threads.count * longest_reading) {
            break;
        }
    }
    const timescale scale(source->opened(), now);
    for (std::size_t k = 0; k < places.size(); ++k) {
        places[k].extend_to(now.ticks);
        window.workers.push_back(
            worker_from(places[k], scale, threads.delay_known ? &threads.pending[k] : nullptr));
        window.workers.back().over += threads.over[k];
        copy_hardware(window.workers.back(), places[k], *source);
    }
    window.threads = threads_of(*source, now.ticks, scale);
    window.kinds = read_kinds(*source, now.ticks, scale, window.workers, threads.pending);
    if (source == registered_source_quick()) {
        window.regions = read_regions(threads.delay_known, open);
    }
    window.wall = duration(now.nanoseconds - source->opened().nanoseconds);
    window.in_verbs = std::min(scale.of(source->inside_verbs(now.ticks)), window.wall);
    window.awake_limit = source->awake_limit();
    window.counters_absent = counters_absent(*source);
    const energy_now_result energy = energy_now();
    result.energy = energy.count;
    window.joules_absent = energy.absent;
    set_joules(window, energy.count, energy_count{});
    window.responses = source->responses().read();
    if (threads.cpu_known) {
        window.cpu = threads.cpu;
        window.off_places = threads.off_places;
    }
    return result;
}

} // namespace twill::load_model

namespace twill::inline abi_1 {

load_snapshot load() {
    if (const load_model::load_source* const source = load_model::registered_source();
        source != nullptr) {
        return load_model::snapshot_of(*source);
    }
    load_snapshot result;
    result.since_start.cpu = worker_load::duration{};
    result.since_start.regions =
        load_model::read_regions(false, load_model::open_windows::left_out);
    result.since_start.joules_absent = result.since_start.counters_absent =
        "the runtime has not started";
    return result;
}

} // namespace twill::inline abi_1

// SPDX-License-Identifier: Apache-2.0
#include "profile/dag.hpp"

#include "profile/thread_walk.hpp"

#include <fmt/format.h>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <utility>

namespace twill::profile {

namespace {

constexpr std::uint64_t forever = std::numeric_limits<std::uint64_t>::max();

/// Walks over all threads: a thread that joins a root goes on when the root's thread has ended it.
/// Where there are groups the thread that is furthest behind goes on, since the depth of a task is
/// that of the spawns before it; else each goes as far as it gets.
class walk {
public:
    walk(const input& file, std::span<const event_chunk> chunks, dag_state& state) : state_(state) {
        std::map<std::uint32_t, std::vector<event_chunk>> by_thread;
        for (const event_chunk& chunk : chunks) {
            by_thread[chunk.whose.thread].push_back(chunk);
        }
        chunks_ = std::move(by_thread);
        threads_.reserve(chunks_.size());
        for (const auto& [number, own] : chunks_) {
            queue_.emplace(own.front().first_tick, threads_.size());
            threads_.emplace_back(event_cursor(file, own), number);
            state_.threads.emplace(number, &threads_.back());
        }
        waiters_.resize(threads_.size());
    }

    void run() {
        while (!queue_.empty() && state_.wrong == nullptr) {
            const std::size_t one = queue_.top().second;
            queue_.pop();
            const std::uint64_t until =
                state_.has_groups && !queue_.empty() ? queue_.top().first : forever;
            step(one, until);
            for (const std::size_t woken : state_.woken) {
                queue_.emplace(threads_[woken].next_tick(), woken);
            }
            state_.woken.clear();
        }
        if (!state_.waiting.empty() && state_.wrong == nullptr) {
            state_.wrong = "joins wait for each other in a circle";
        }
    }

private:
    void step(std::size_t one, std::uint64_t until) {
        thread_walk& thread = threads_[one];
        switch (thread.run(state_, until)) {
        case thread_walk::outcome::later:
            queue_.emplace(thread.next_tick(), one);
            break;
        case thread_walk::outcome::waits: {
            const auto thief = state_.threads.find(
                static_cast<std::uint32_t>(thread.awaited() >> trace::epoch_bits));
            if (thief == state_.threads.end() || thief->second->has_ended()) {
                thread.set_missing();
                queue_.emplace(thread.next_tick(), one);
            } else if (state_.waiting.emplace(thread.awaited(), one).second) {
                const auto index = static_cast<std::size_t>(thief->second - threads_.data());
                waiters_[index].emplace_back(thread.awaited(), one);
            } else {
                state_.wrong = "a stolen task is joined twice";
            }
            break;
        }
        case thread_walk::outcome::ended:
            for (const auto& [key, waiter] : waiters_[one]) {
                const auto found = state_.waiting.find(key);
                if (found != state_.waiting.end() && found->second == waiter) {
                    state_.waiting.erase(found);
                    threads_[waiter].set_missing();
                    state_.woken.push_back(waiter);
                }
            }
        }
    }

    dag_state& state_;
    std::map<std::uint32_t, std::vector<event_chunk>> chunks_; ///< by the number of the thread
    std::vector<thread_walk> threads_;
    using entry = std::pair<std::uint64_t, std::size_t>;
    std::priority_queue<entry, std::vector<entry>, std::greater<>> queue_;
    std::vector<std::vector<std::pair<std::uint64_t, std::size_t>>> waiters_; ///< of each thief
};

std::string why_none(const scan_result& scanned, const event_sums& sums) {
    if (sums.count == 0) {
        return "no strands were recorded (--mode full does)";
    }
    if (!scanned.has_end) {
        return "the file has no end, so strands are missing";
    }
    if (sums.dropped > 0) {
        return fmt::format("{} events were dropped", sums.dropped);
    }
    if (scanned.lost > 0) {
        return fmt::format("{} chunks of the file are missing", scanned.lost);
    }
    return {};
}

histogram histogram_of(const strand_counter& strands) {
    histogram result;
    std::size_t last = 0;
    for (std::size_t k = 0; k + 1 < strands.counts().size(); ++k) {
        last = strands.counts()[k] > 0 ? k + 1 : last;
    }
    for (std::size_t k = 0; k < last; ++k) {
        result.upper.push_back(nanoseconds{1} << k);
        result.count.push_back(strands.counts()[k]);
    }
    return result;
}

} // namespace

dag_result compute_dag(const input& file, const scan_result& scanned,
                       std::span<const event_chunk> chunks, const event_sums& sums,
                       const tick_clock& clock, nanoseconds steal_takes) {
    dag_result result;
    result.no_dag = why_none(scanned, sums);
    if (!result.no_dag.empty()) {
        return result;
    }
    dag_state state(1 / clock.ticks_per_nanosecond());
    state.price = clock.ticks(steal_takes);
    state.has_groups = sums.has_groups;
    walk(file, chunks, state).run();
    if (state.wrong != nullptr) {
        result.no_dag = fmt::format("work and span cannot be computed: {}", state.wrong);
        return result;
    }
    for (const auto& [key, root] : state.roots) {
        state.whole = longer_of(state.whole, root.length);
    }
    if (state.cut > 0) {
        result.notes.push_back(fmt::format("{} events belong to what began before the recording: "
                                           "work and span are those of what was recorded",
                                           state.cut));
    }
    if (state.open > 0) {
        result.notes.push_back(fmt::format("{} tasks, forks or loops went on as the recording "
                                           "ended: work and span are those of what was recorded",
                                           state.open));
    }
    if (state.untaken > state.strands.work() / 100) {
        result.notes.push_back(fmt::format("{} ms of run delay were told after the strands that "
                                           "they fell into: work and span contain them",
                                           clock.length(state.untaken) / 1'000'000));
    }
    result.strands =
        dag{.work = clock.length(state.strands.work()),
            .span = clock.length(state.whole.span),
            .burdened = clock.length(state.whole.burdened),
            .strands = state.strands.strands(),
            .longest_strand = clock.length(state.strands.longest_strand()),
            .delay = state.contains_delay ? std::nullopt : std::optional(clock.length(state.delay)),
            .upper_bound = sums.has_groups,
            .strand_lengths = histogram_of(state.strands)};
    return result;
}

} // namespace twill::profile

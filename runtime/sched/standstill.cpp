// SPDX-License-Identifier: Apache-2.0
#include "sched/standstill.hpp"

#include <limits>

namespace twill::sched {

namespace {

using doing = os::thread_state::doing;

void mix(std::uint64_t& into, std::uint64_t word) noexcept {
    into = (into ^ word) * 0x9e3779b97f4a7c15u;
    into ^= into >> 29;
}

/// Of several lines of one thread the innermost is the greatest: a section may have entered a
/// runtime, and of sections the one that began last is in the others.
std::uint64_t depth_of(const seen_thread& one) noexcept {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    return one.waits() ? most : (one.in_task() ? most - 1 : one.wait.since);
}

/// How a thread bears on whether its runtime stands still.
enum class verdict : std::uint8_t {
    goes_on,
    /// It goes nowhere, but that need not bother anybody.
    still,
    /// It goes nowhere, and waits for others of the program.
    waits
};

verdict judge(const seen_thread& one) noexcept {
    const doing what = one.state.what;
    if (what == doing::runs || what == doing::unknown) {
        return verdict::goes_on; // it may just have been woken
    }
    if (one.waits()) {
        return verdict::waits;
    }
    if (what == doing::waits_for_thread) {
        return one.in_task() ? verdict::waits : verdict::still;
    }
    // A section may wait for the outside as long as it likes, and a sleep ends by itself.
    return what == doing::waits_for_time || one.in_section() ? verdict::goes_on : verdict::still;
}

// By its own threads alone.
bool stands_by_itself(const look& at, const std::vector<look>& all) noexcept {
    bool waits = false;
    for (const seen_thread& one : at.threads) {
        if (!one.waits() && find_further_in(all, one).at != nullptr) {
            continue; // counts where it is now
        }
        const verdict found = judge(one);
        if (found == verdict::goes_on) {
            return false;
        }
        waits = waits || found == verdict::waits;
    }
    // A thread that searches, or is about to wake up for that, goes on.
    return waits && at.of->counts().searchers == 0;
}

} // namespace

look look_at(scheduler& of, const outside_wait* outside) {
    look at;
    at.of = &of;
    thread_table& table = of.table();
    const std::uint32_t count = table.size();
    for (std::uint32_t id = 0; id < count; ++id) {
        thread_record& record = table[id];
        const wait_note::view wait = record.waiting.read();
        mix(at.words, record.deque.read(detail::relaxed).bits);
        mix(at.words, wait.since);
        const bool runs = of.runs(record);
        if (wait.what != waits_for::nothing || runs) {
            at.threads.push_back({&record, record.waiting.thread(), wait, {}});
            mix(at.words, id);
        }
    }
    for (; outside != nullptr; outside = outside->next()) {
        if (outside->in() == &of) {
            at.threads.push_back({nullptr, outside->thread(), outside->wait(), {}});
            mix(at.words, outside->wait().since);
        }
    }
    const place_counts places = of.counts();
    mix(at.words, static_cast<std::uint32_t>(places.free));
    return at;
}

void read_kernel(look& at) noexcept {
    for (seen_thread& one : at.threads) {
        one.state = os::state_of_thread(one.thread);
        mix(at.kernel, one.state.switches);
        mix(at.kernel, static_cast<std::uint64_t>(one.state.what));
    }
}

further_in find_further_in(const std::vector<look>& all, const seen_thread& outer) noexcept {
    further_in found;
    std::uint64_t deepest = depth_of(outer);
    for (const look& at : all) {
        for (const seen_thread& one : at.threads) {
            if (one.thread == outer.thread && depth_of(one) > deepest) {
                deepest = depth_of(one);
                found = {&at, &one};
            }
        }
    }
    return found;
}

// A runtime whose thread is at something in another one stands only if that one does.
void judge(std::vector<look>& all) noexcept {
    for (look& at : all) {
        at.stands = at.stands && stands_by_itself(at, all);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (look& at : all) {
            for (const seen_thread& one : at.threads) {
                const further_in found = find_further_in(all, one);
                if (at.stands && !one.waits() && found.at != nullptr && !found.in->stands) {
                    at.stands = false;
                    changed = true;
                }
            }
        }
    }
}

} // namespace twill::sched

// SPDX-License-Identifier: Apache-2.0
#include "sched/recorded_runtimes.hpp"

#include "sched/recording.hpp"

#include <new>
#include <type_traits>

namespace twill::sched {

// Never destroyed: runtimes of static objects end after main().
recorded_list& recorded_runtimes_of_process() noexcept {
    static_assert(std::is_trivially_destructible_v<recorded_list>);
    static constinit recorded_list one;
    return one;
}

void begin_recording_of(recorded_runtime& one, scheduler& of) noexcept {
    recorded_list& in = recorded_runtimes_of_process();
    const std::lock_guard goes_first(in.turn);
    const std::lock_guard locked(in.lock);
    one = {&of, 0, in.first};
    in.first = &one;
    if (in.by != nullptr) {
        in.by->include(one);
    }
}

void end_recording_of(recorded_runtime& one) noexcept {
    recorded_list& in = recorded_runtimes_of_process();
    const std::lock_guard goes_first(in.turn);
    const std::lock_guard locked(in.lock);
    for (recorded_runtime** at = &in.first; *at != nullptr; at = &(*at)->next) {
        if (*at == &one) {
            *at = one.next;
            if (in.by != nullptr) {
                in.by->write_last(one);
            }
            return;
        }
    }
}

// The locks may be held by threads that are not here.
void forget_recorded_runtimes_in_child() noexcept {
    new (&recorded_runtimes_of_process()) recorded_list;
}

} // namespace twill::sched

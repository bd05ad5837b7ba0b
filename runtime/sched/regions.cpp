// SPDX-License-Identifier: Apache-2.0
#include "sched/regions.hpp"

#include "load/region.hpp"
#include "sched/away.hpp"
#include "sched/guest_record.hpp"
#include "sched/lifetime.hpp"

namespace twill::sched {

namespace {

using detail::region_window;
using trace::event_type;

void record_begin(thread_record& self, region_window& one) noexcept {
    self.recorder.record(event_type::region_begin, load_model::number_of(one));
    one.recorded = self.recorder.session();
}

/// Outermost first.
void record_those_around(thread_record& self, region_window* one) noexcept {
    if (one != nullptr && one->recorded != self.recorder.session()) {
        record_those_around(self, one->around);
        record_begin(self, *one);
    }
}

/// The record that has the calling thread's events: of the innermost task or section that the
/// thread is in, or what it keeps for its verbs. The same for the begin and the end of a region,
/// since both are in the same task, section, or outside.
thread_record* recorded_as(scheduler& of_default) noexcept {
    thread_record* found = nullptr;
    any_running_record([&](thread_record& one) {
        found = one.abandoned ? nullptr : &one;
        return found != nullptr;
    });
    return found != nullptr ? found : kept_guest_record(of_default);
}

/// The record of the calling thread if its events are recorded, or null. A region may begin or end
/// where nothing else tells the thread that a recording has.
thread_record* follow(scheduler& of_default) noexcept {
    thread_record* const self = recorded_as(of_default);
    if (self == nullptr) {
        return nullptr;
    }
    self->owner.follow_recording(*self);
    return self->recorder.on() ? self : nullptr;
}

/// The default runtime, if there is a recording in full, or null.
scheduler* recorded_in_full() noexcept {
    scheduler* const of = running_default_scheduler();
    return of != nullptr && of->is_recorded() ? of : nullptr;
}

} // namespace

// A thread in a section has two records or more, and its regions are one's: then only what begins
// from here on is recorded. So it is where it has entered another runtime: regions that were open
// outside of that end outside, in the record for the verbs of the default one.
void record_open_regions(thread_record& self) noexcept {
    const bool entered = self.guest && &self.owner != running_default_scheduler();
    if (detail::hot().outer == nullptr && !entered) {
        record_those_around(self, load_model::innermost_window);
    }
}

} // namespace twill::sched

namespace twill::inline abi_1::detail {

// While nothing is recorded in full, both cost two loads more than the region.

void begin_region_slow(region_window& one, const char* name) noexcept {
    load_model::begin_region(one, name);
    if (sched::scheduler* const of = sched::recorded_in_full(); of != nullptr) {
        sched::thread_record* const self = sched::follow(*of);
        if (self != nullptr && one.recorded != self->recorder.session()) {
            sched::record_begin(*self, one);
        }
    }
}

void end_region_slow(region_window& one) noexcept {
    if (sched::scheduler* const of = sched::recorded_in_full(); of != nullptr) {
        if (sched::thread_record* const self = sched::follow(*of); self != nullptr) {
            self->recorder.record_end(one.recorded, trace::event_type::region_end,
                                      load_model::number_of(one));
        }
    }
    load_model::end_region(one);
}

} // namespace twill::inline abi_1::detail

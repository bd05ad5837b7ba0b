// SPDX-License-Identifier: Apache-2.0
#include "sched/away.hpp"
#include "twill/detail/kind.hpp"

namespace twill::inline abi_1::detail {

using trace::event_type;

// Tasks run inside of verbs only, so the thread has a record and a place.
void begin_kind_slow(kind_frame& frame, std::uint32_t number) noexcept {
    sched::thread_record& self = *sched::running_record();
    self.account.begin_kind(frame, number, hot().tail);
    if (__builtin_expect(self.recorder.on(), 0)) {
        self.recorder.record(event_type::kind_begin, number);
        frame.recorded = self.recorder.session();
    }
}

void end_kind_slow(kind_frame& frame, bool threw) noexcept {
    sched::thread_record& self = *sched::running_record();
    self.recorder.record_end(frame.recorded, event_type::kind_end, frame.number);
    self.account.end_kind(frame, threw);
}

} // namespace twill::inline abi_1::detail

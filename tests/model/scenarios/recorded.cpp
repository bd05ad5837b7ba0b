// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recordings begin and end while a thread enters, forks and is asked for work.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "twill/parallel_invoke.hpp"

namespace twill::model {
namespace {

bool limit_is_raised() { return detail::hot().limit.load(detail::seq_cst) == detail::attention; }

// Whatever the owner has seen of the switches by its last fork: the last one is known to it, or its
// next fork finds out; and then its limit is where it belongs.
void switch_under_an_owner(std::uint32_t last) {
    sched::scheduler& runtime = make_world(1, 1);
    auto* owner = new sched::thread_record*(nullptr);
    auto* entered = new event;
    spawn("owner", [=] {
        detail::enter_slow();
        sched::thread_record& self = own_record();
        *owner = &self;
        entered->set();
        for (int fork = 0; fork < 2; ++fork) {
            twill::parallel_invoke([] {}, [] {});
        }
        wait_until_settled();
        const std::uint32_t asked = self.requests.load(detail::seq_cst);
        MODEL_CHECK(asked == 0 || limit_is_raised());
        MODEL_CHECK(self.recorder.session() == last || (asked & sched::look_at_recording) != 0);
        twill::parallel_invoke([] {}, [] {});
        MODEL_CHECK(self.recorder.session() == last);
        MODEL_CHECK(self.requests.load(detail::seq_cst) == 0);
        // A limit that was raised for a flag that is gone stays up for the back-off's few polls.
        for (int fork = 0; fork < 8 && last == 0 && limit_is_raised(); ++fork) {
            twill::parallel_invoke([] {}, [] {});
        }
        MODEL_CHECK(limit_is_raised() == (last != 0));
        detail::leave_slow();
    });
    spawn("switcher", [=, &runtime] {
        runtime.set_recorded(1);
        runtime.set_recorded(0);
        if (last != 0) {
            runtime.set_recorded(last);
        }
    });
    spawn("asker", [=, &runtime] {
        entered->wait();
        runtime.arm(**owner);
    });
    finish();
    check_quiescent(runtime, 1);
}

} // namespace

void recorded_scenario() { switch_under_an_owner(2); }
void recorded_off_scenario() { switch_under_an_owner(0); }

} // namespace twill::model

// SPDX-License-Identifier: Apache-2.0

/// \file
/// The small parts of the scheduler, each by itself: requests and the limit, the bit of public
/// jobs, the stack of spare threads, places and their numbers, a lock with a count.

#include "scenarios/inside.hpp"
#include "scenarios/scenarios.hpp"
#include "sched/counted_lock.hpp"
#include "simulator/virtual_os.hpp"
#include "twill/detail/slow_path.hpp"
#include "twill/parallel_invoke.hpp"

#include <array>

namespace twill::model {

// Two askers and an owner that polls: whatever is asked after its last poll is still to be seen.
void request_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    auto* owner = new sched::thread_record*(nullptr);
    auto* entered = new event;
    spawn("owner", [=] {
        detail::enter_slow();
        *owner = &own_record();
        entered->set();
        for (int fork = 0; fork < 2; ++fork) {
            twill::parallel_invoke([] {}, [] {});
        }
        wait_until_settled();
        MODEL_CHECK(own_record().requests.load(detail::seq_cst) == 0 ||
                    detail::hot().limit.load(detail::seq_cst) == detail::attention);
        detail::leave_slow();
    });
    for (const char* name : {"asker 1", "asker 2"}) {
        spawn(name, [=, &runtime] {
            entered->wait();
            runtime.arm(**owner);
            runtime.arm(**owner);
        });
    }
    finish();
    check_quiescent(runtime, 1);
}

// The bit of a thread with public jobs may be set too long, but never cleared too long.
void public_bit_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    sched::thread_record* owner = runtime.table().add(runtime, true);
    spawn("owner", [=, &runtime] {
        std::array<detail::job, 2> frame;
        for (detail::job& one : frame) {
            const std::array<detail::job*, 1> newest = {&one};
            owner->deque.publish(newest);
            runtime.table().set_public(owner->id);
            if (&one != &frame.back()) {
                static_cast<void>(owner->deque.take_back(&one));
            }
        }
        wait_until_quiet(); // what was published last is still there, or it was taken
    });
    for (const char* name : {"thief 1", "thief 2"}) {
        spawn(name, [=, &runtime] {
            const sched::deque_word word = owner->deque.read(detail::acquire);
            if (word.count() == 0) {
                runtime.table().clean_public(owner->id);
            } else {
                static_cast<void>(owner->deque.take(word));
            }
        });
    }
    finish();
    MODEL_CHECK(owner->deque.empty() || runtime.table().public_word(0) != 0);
}

// Three threads pop and push: nobody is lost and nobody is there twice.
void spare_scenario() {
    sched::scheduler& runtime = make_world(1, 1);
    sched::thread_table& table = runtime.table();
    for (int k = 0; k < 3; ++k) {
        inside::spares(runtime).push(*table.add(runtime, false));
    }
    auto* held = new std::array<int, 3>{};
    for (const char* name : {"one", "two", "three"}) {
        spawn(name, [=, &runtime, &table] {
            for (int round = 0; round < 2; ++round) {
                sched::thread_record* top = inside::spares(runtime).pop(table);
                if (top != nullptr) {
                    MODEL_CHECK(++(*held)[top->id] == 1);
                    --(*held)[top->id];
                    inside::spares(runtime).push(*top);
                }
            }
        });
    }
    finish();
    for (int k = 0; k < 3; ++k) {
        sched::thread_record* top = inside::spares(runtime).pop(table);
        MODEL_CHECK(top != nullptr && ++(*held)[top->id] == 1);
    }
    MODEL_CHECK(inside::spares(runtime).empty());
}

// Whoever has taken a place finds a number, and nobody else has it.
void place_scenario() {
    sched::scheduler& runtime = make_world(2, 2);
    auto* holders = new std::array<int, 2>{};
    for (const char* name : {"one", "two", "three"}) {
        spawn(name, [=, &runtime] {
            for (int round = 0; round < 2; ++round) {
                if (!inside::places(runtime).take()) {
                    continue;
                }
                std::int32_t number = -1;
                while ((number = inside::numbers(runtime).try_take()) < 0) {
                    detail::pause();
                }
                int& mine = (*holders)[static_cast<std::size_t>(number)];
                MODEL_CHECK(++mine == 1);
                --mine;
                inside::numbers(runtime).put(number);
                inside::places(runtime).add(+1, 0);
            }
        });
    }
    finish();
    check_quiescent(runtime, 2);
}

// Whoever holds the lock is alone, the count is what the last holder left, and who sleeps for the
// lock gets it. What changes the count and looks at a word, and who writes there and looks at the
// count: one of them sees the other.
void counted_lock_scenario() {
    struct locked_world {
        sched::counted_lock lock;
        plain<std::uint32_t> changes;
        detail::atomic<std::uint32_t> word{0};
    };
    auto* world = new locked_world;
    name_it(world->lock, "lock");
    auto* missed = new std::array<bool, 2>{};
    for (const char* name : {"one", "two"}) {
        spawn(name, [=] {
            for (int round = 0; round < 2; ++round) {
                const std::uint32_t seen = world->lock.count();
                const std::uint32_t before = world->lock.lock();
                MODEL_CHECK(before >= seen && before == world->changes.read());
                world->changes.write(before + 1);
                world->lock.unlock(before + 1);
            }
            (*missed)[0] |= world->word.load(detail::seq_cst) == 0;
        });
    }
    spawn("three", [=] {
        world->word.store(1, detail::seq_cst);
        (*missed)[1] = world->lock.count() == 0;
        std::uint32_t before = 0;
        if (world->lock.try_lock(before)) {
            MODEL_CHECK(before == world->changes.read());
            world->lock.unlock();
        }
    });
    finish();
    MODEL_CHECK(world->lock.count() == 4);
    MODEL_CHECK(!((*missed)[0] && (*missed)[1]));
}

} // namespace twill::model

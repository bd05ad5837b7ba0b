// SPDX-License-Identifier: Apache-2.0
#include "simulator/engine.hpp"

#include "simulator/arena.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace twill::model {

engine& the_engine() noexcept {
    static engine one;
    return one;
}

// A wild access of the code under test is a finding like any other, so its signal ends the
// execution and not the program.
engine::engine() : threads_(virtual_threads_max) {
    static unsigned char stack[1 << 16];
    stack_t alternate{};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, nullptr);
    struct sigaction action{};
    action.sa_handler = &engine::crashed;
    action.sa_flags = SA_ONSTACK | SA_NODEFER;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        sigaction(signal, &action, nullptr);
    }
}

void engine::crashed(int signal) {
    engine& self = the_engine();
    if (!self.simulating()) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
        return;
    }
    self.failure_ = signal == SIGSEGV || signal == SIGBUS
                        ? "a thread touched memory that is not there"
                        : "a thread got a fatal signal";
    siglongjmp(self.rescue_, 1);
}

void engine::prepare(void (*main)(), strategy& by, const settings& with, bool traced) {
    reset_arena();
    settings_ = with;
    strategy_ = &by;
    memory_.begin(with.memory, with.distance);
    ++execution_;
    started_ = 0;
    steps_ = 0;
    preemptions_ = 0;
    late_ = 0;
    spurious_ = 0;
    changes_ = 0;
    at_once_ = false;
    traced_ = traced;
    end_ = execution_end::complete;
    failure_.clear();
    answers_.clear();
    answers_checked_ = 0;
    trace_.clear();
    names_.clear();
    pause_cost_ = with.pause_cost;
    if (pause_cost_ == 0) {
        constexpr std::uint32_t costs[] = {6, 3, 20, 60};
        const std::uint32_t answer = by.choose(4);
        answers_.push_back(static_cast<std::uint8_t>(answer));
        pause_cost_ = costs[answer];
    }
    start_thread(
        "main", [](void* function) { reinterpret_cast<void (*)()>(function)(); },
        reinterpret_cast<void*>(main), true);
}

execution_end engine::execute(void (*main)(), strategy& by, const settings& with, bool traced) {
    prepare(main, by, with, traced);
    // After a crash this returns once more, on the host's stack.
    if (sigsetjmp(rescue_, 0) == 0) {
        running_ = &threads_[0];
        fiber::change(host_, running_->stack);
    } else {
        end_ = execution_end::failed;
    }
    running_ = nullptr;
    reset_arena();
    by.end(steps_);
    return end_;
}

void engine::run_thread() {
    engine& self = the_engine();
    enter_arena();
    self.running_->entry(self.running_->argument);
    const outside_arena here;
    if (!self.running_->required) {
        // A thread of the runtime takes its hot state along.
        reinterpret_cast<detail::hot_state*>(self.running_->storage)->~hot_state();
    }
    self.running_->state = thread_state::ended;
    self.changed();
    self.choose_next(false);
    std::abort(); // nobody switches to a thread that has ended
}

virtual_thread& engine::start_thread(const char* name, void (*entry)(void*), void* argument,
                                     bool required) {
    if (started_ == virtual_threads_max) {
        fail("the scenario starts more threads than the simulator keeps");
    }
    virtual_thread& made = threads_[started_];
    made.name = name;
    made.entry = entry;
    made.argument = argument;
    made.required = required;
    made.state = thread_state::ready;
    made.waits_for = nullptr;
    made.spun_last = false;
    made.clock = 1000;
    made.history = mix(started_, 99);
    made.hashed = false;
    made.side.number = started_;
    made.side.buffer.clear();
    if (running_ != nullptr) {
        made.side.seen.assign(running_->side.seen); // starting a thread synchronises with it
    } else {
        made.side.seen.clear();
    }
    new (made.storage) detail::hot_state;
    made.stack.start(&engine::run_thread);
    ++started_;
    return made;
}

void engine::go_to(virtual_thread& next) {
    virtual_thread& from = *running_;
    if (&next != &from) {
        running_ = &next;
        fiber::change(from.stack, next.stack);
    }
}

void engine::leave(execution_end how) {
    end_ = how;
    fiber& from = running_->stack;
    fiber::change(from, host_);
    std::abort(); // an execution that was left does not go on
}

void engine::fail(std::string what) {
    const outside_arena here;
    if (running_ == nullptr) {
        std::fprintf(stderr, "model: %s\n", what.c_str());
        std::abort();
    }
    failure_ = std::string(running_->name) + ": " + what;
    leave(execution_end::failed);
}

bool engine::can_run(const virtual_thread& one) const noexcept {
    return one.state == thread_state::ready ||
           (one.state == thread_state::paused && one.paused_at != changes_);
}

// The running thread first, then the others, then stores on their way to memory. A thread that
// spins runs again when something has changed, or when nobody else can: then time passes.
std::uint32_t engine::gather(option* into, bool can_go_on) {
    std::uint32_t count = 0;
    if (can_go_on) {
        into[count++] = {static_cast<std::uint8_t>(running_->side.number), false};
    }
    if (!can_go_on || !strategy_->bounded() || preemptions_ < settings_.preemptions) {
        for (std::uint32_t k = 0; k < started_; ++k) {
            if ((!can_go_on || &threads_[k] != running_) && can_run(threads_[k])) {
                into[count++] = {static_cast<std::uint8_t>(k), false};
            }
        }
    }
    for (std::uint32_t k = 0; k < started_; ++k) {
        if (!threads_[k].side.buffer.empty()) {
            into[count++] = {static_cast<std::uint8_t>(k), true};
        }
    }
    if (count == 0) {
        // Each of them gets a turn before any gets another.
        for (std::uint32_t k = 0; k < started_; ++k) {
            if (threads_[k].state == thread_state::paused) {
                threads_[k].paused_at = ~std::uint64_t{0};
                into[count++] = {static_cast<std::uint8_t>(k), false};
            }
        }
    }
    return count;
}

void engine::choose_next(bool can_go_on) {
    option options[2 * virtual_threads_max];
    for (;;) {
        const std::uint32_t count = gather(options, can_go_on);
        if (count == 0) {
            nothing_to_do();
            continue;
        }
        std::uint32_t answer = 0;
        if (strategy_->wants_state() && (count > 1 || answers_.size() != answers_checked_)) {
            answers_checked_ = answers_.size();
            if (strategy_->seen_before(state_of(can_go_on), settings_.preemptions - preemptions_)) {
                leave(execution_end::seen_before);
            }
        }
        if (count > 1) {
            answer = strategy_->pick({options, count}, can_go_on, steps_);
            answers_.push_back(static_cast<std::uint8_t>(answer));
        }
        virtual_thread& chosen = threads_[options[answer].thread];
        if (options[answer].flush) {
            if (traced_) {
                const auto oldest = chosen.side.buffer.front();
                note(std::string(chosen.name) +
                     "'s store reaches memory: " + std::to_string(oldest.value));
            }
            memory_.flush_oldest(chosen.side);
            chosen.hashed = false;
            changed();
            continue;
        }
        if (can_go_on && &chosen != running_) {
            ++preemptions_;
        }
        chosen.state = thread_state::ready;
        go_to(chosen);
        return;
    }
}

// Nobody can run: whoever waits for that goes on. Else the execution is over, and it must not have
// left anybody behind who has to end.
void engine::nothing_to_do() {
    for (std::uint32_t k = started_; k-- > 0;) { // the first thread comes last: it checks
        virtual_thread& one = threads_[k];
        if (one.state == thread_state::quiet) {
            one.state = thread_state::ready;
            return;
        }
    }
    for (std::uint32_t k = 0; k < started_; ++k) {
        if (threads_[k].required && threads_[k].state != thread_state::ended) {
            fail("deadlock: " + blocked_threads());
        }
    }
    leave(execution_end::complete);
}

void engine::step() {
    if (++steps_ > settings_.steps) {
        fail("no end after " + std::to_string(settings_.steps) + " steps: " + blocked_threads());
    }
    running_->spun_last = false;
    choose_next(true);
}

// Pauses in a row are one: nothing happens between them.
void engine::spin() {
    running_->clock += pause_cost_;
    if (running_->spun_last) {
        return;
    }
    if (++steps_ > settings_.steps) {
        fail("no end after " + std::to_string(settings_.steps) + " steps: " + blocked_threads());
    }
    running_->spun_last = true;
    running_->state = thread_state::paused;
    running_->paused_at = changes_;
    observe(0x9a05e);
    choose_next(false);
}

void engine::block(thread_state as, const void* on) {
    running_->state = as;
    running_->waits_for = on;
    choose_next(false);
    observe(0x3a4e);
}

std::uint32_t engine::release(thread_state from, const void* on, std::uint32_t count) {
    std::uint32_t released = 0;
    for (std::uint32_t k = 0; k < started_ && released < count; ++k) {
        virtual_thread& one = threads_[k];
        if (one.state == from && one.waits_for == on) {
            one.state = thread_state::ready;
            ++released;
        }
    }
    changed();
    return released;
}

void engine::wait_until_quiet(bool see_all) {
    running_->state = thread_state::quiet;
    choose_next(false);
    if (see_all) {
        memory_.see_all(running_->side);
    }
    observe(0x9e7);
}

std::uint32_t engine::choose_late(std::uint32_t count) {
    if (count == 1 || late_ >= settings_.late) {
        return 0;
    }
    const std::uint32_t answer = strategy_->choose(count);
    answers_.push_back(static_cast<std::uint8_t>(answer));
    late_ += answer > 0 ? 1 : 0;
    return answer;
}

bool engine::choose_spurious() {
    if (spurious_ >= settings_.spurious) {
        return false;
    }
    const std::uint32_t answer = strategy_->choose(2);
    answers_.push_back(static_cast<std::uint8_t>(answer));
    spurious_ += answer;
    return answer != 0;
}

std::uint64_t engine::state_of(bool can_go_on) {
    std::uint64_t sum = memory_.hash();
    for (std::uint32_t k = 0; k < started_; ++k) {
        virtual_thread& one = threads_[k];
        if (!one.hashed) {
            one.hash = mix(one.history, memory_.hash_of(one.side));
            one.hashed = true;
        }
        const std::uint64_t waits =
            mix(static_cast<std::uint64_t>(one.state), can_run(one) ? 1 : 0);
        sum ^= mix(mix(k, waits), one.hash);
    }
    const std::uint64_t who = can_go_on ? running_->side.number + 1 : 0;
    return mix(sum, mix(who, std::uint64_t{late_} << 32 | spurious_));
}

} // namespace twill::model

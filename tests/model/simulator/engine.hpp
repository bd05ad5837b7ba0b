// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/fiber.hpp"
#include "simulator/memory.hpp"
#include "simulator/strategy.hpp"
#include "twill/detail/hot_state.hpp"

#include <csetjmp>
#include <cstdint>
#include <string>
#include <vector>

namespace twill::model {

struct settings {
    memory_mode memory = memory_mode::weak;
    /// Holds for the depth-first search only; the others preempt where they like.
    std::uint32_t preemptions = 3;
    /// Stores that a thread may have on the way to memory (memory_mode::store_buffers).
    std::uint32_t buffered = 2;
    /// How many loads of an execution may see an older store, and how much older at the most
    /// (memory_mode::weak).
    std::uint32_t late = 2;
    std::uint32_t distance = 2;
    /// Weak compare-exchanges and futex waits that may fail or return for no reason.
    std::uint32_t spurious = 1;
    /// An execution that goes on for longer makes no progress.
    std::uint32_t steps = 20000;
    /// Microseconds that a pause takes. 0: drawn anew for each execution.
    std::uint32_t pause_cost = 6;
};

enum class execution_end : std::uint8_t { complete, seen_before, failed };

/// What a virtual thread waits for.
enum class thread_state : std::uint8_t { ready, paused, futex, mutex, event, quiet, ended };

struct virtual_thread {
    fiber stack;
    const char* name = "";
    void (*entry)(void*) = nullptr;
    void* argument = nullptr;
    /// Of a scenario, and not of the runtime: it has to end.
    bool required = false;
    bool joins_all = false; // a quiet wait that also sees everything
    thread_state state = thread_state::ended;
    const void* waits_for = nullptr;
    std::uint64_t paused_at = 0;
    bool spun_last = false;
    std::uint64_t clock = 0;
    /// Everything that the thread has observed, and so what it does next.
    std::uint64_t history = 0;
    /// Of the history and the thread's side of memory, while neither changes.
    std::uint64_t hash = 0;
    bool hashed = false;
    thread_side side;
    alignas(64) unsigned char storage[sizeof(detail::hot_state)];
};

/// Runs one execution after another: virtual threads on one OS thread, each step of which the
/// strategy decides.
class engine {
public:
    engine();

    /// One execution of `main` as the first virtual thread.
    execution_end execute(void (*main)(), strategy& by, const settings& with, bool traced);

    // --- what the last execution left
    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] const std::vector<std::uint8_t>& answers() const { return answers_; }
    [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }
    [[nodiscard]] std::uint32_t steps() const { return steps_; }

    // --- the running virtual thread
    [[nodiscard]] bool simulating() const noexcept { return running_ != nullptr; }
    /// Are accesses steps now, and not plain ones?
    [[nodiscard]] bool stepping() const noexcept { return running_ != nullptr && !at_once_; }
    void set_at_once(bool value) noexcept { at_once_ = value; }
    [[nodiscard]] virtual_thread& running() const noexcept { return *running_; }
    [[nodiscard]] memory& words() noexcept { return memory_; }
    [[nodiscard]] const settings& with() const noexcept { return settings_; }
    [[nodiscard]] std::uint64_t execution() const noexcept { return execution_; }
    [[nodiscard]] std::uint32_t started() const noexcept { return started_; }
    [[nodiscard]] virtual_thread& thread(std::uint32_t number) noexcept { return threads_[number]; }

    /// The point before an operation at which others may go first.
    void step();
    void spin();
    /// Sleeps until release() of the same object.
    void block(thread_state as, const void* on);
    std::uint32_t release(thread_state from, const void* on, std::uint32_t count);
    void wait_until_quiet(bool see_all);
    void observe(std::uint64_t what) noexcept {
        running_->history = mix(running_->history, what);
        running_->hashed = false;
    }
    /// An operation changed what others may wait for.
    void changed() noexcept { ++changes_; }
    /// Which of `count` stores a load sees.
    std::uint32_t choose_late(std::uint32_t count);
    bool choose_spurious();

    virtual_thread& start_thread(const char* name, void (*entry)(void*), void* argument,
                                 bool required);
    [[noreturn]] void fail(std::string what);

    // --- for people
    [[nodiscard]] bool traced() const noexcept { return traced_; }
    void note(std::string what);
    void name(const void* address, std::size_t size, std::string as);
    [[nodiscard]] std::string name_of(const void* address) const;
    [[nodiscard]] std::string blocked_threads() const;

private:
    struct named_range {
        std::uintptr_t low;
        std::uintptr_t high;
        std::string name;
    };

    void prepare(void (*main)(), strategy& by, const settings& with, bool traced);
    void choose_next(bool can_go_on);
    std::uint32_t gather(option* into, bool can_go_on);
    void nothing_to_do();
    std::uint64_t state_of(bool can_go_on);
    void go_to(virtual_thread& next);
    [[noreturn]] void leave(execution_end how);
    [[nodiscard]] bool can_run(const virtual_thread& one) const noexcept;
    static void run_thread();
    static void crashed(int signal);

    memory memory_;
    settings settings_;
    strategy* strategy_ = nullptr;
    fiber host_;
    sigjmp_buf rescue_;
    std::vector<virtual_thread> threads_;
    virtual_thread* running_ = nullptr;
    std::uint64_t execution_ = 0;
    std::uint32_t started_ = 0;
    std::uint32_t steps_ = 0;
    std::uint32_t preemptions_ = 0;
    std::uint32_t late_ = 0;
    std::uint32_t spurious_ = 0;
    std::uint32_t pause_cost_ = 0;
    std::uint64_t changes_ = 0;
    bool at_once_ = false;
    bool traced_ = false;
    execution_end end_ = execution_end::complete;
    std::string failure_;
    std::vector<std::uint8_t> answers_;
    std::size_t answers_checked_ = 0;
    std::vector<std::string> trace_;
    std::vector<named_range> names_;
};

/// The one engine of the process.
engine& the_engine() noexcept;

} // namespace twill::model

// SPDX-License-Identifier: Apache-2.0
#include "os/clock.hpp"
#include "sched/group.hpp"
#include "sched/job_state.hpp"
#include "sched/standstill.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <unistd.h>

namespace twill::sched {

namespace {

using doing = os::thread_state::doing;

constexpr double second = 1e9;

/// As printf, cut to the length of a line.
[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
    char line[512];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return line;
}

std::string who(const thread_record* record, int thread, const char* name) {
    if (record == nullptr) {
        return text("outside (thread %d, %s)", thread, name);
    }
    return text("%s %u (thread %d, %s)", record->guest ? "guest" : "worker", record->id, thread,
                name);
}
std::string who(const seen_thread& one) { return who(one.record, one.thread, one.state.name); }

std::string who(const thread_record& record) {
    const int thread = record.waiting.thread();
    return who(&record, thread, os::state_of_thread(thread).name);
}

/// By the kernel's number: the line of that thread in this report, if it has one.
std::string who(const look& in, int thread) {
    const auto one = std::find_if(in.threads.begin(), in.threads.end(),
                                  [thread](const auto& seen) { return seen.thread == thread; });
    return one != in.threads.end()
               ? who(*one)
               : text("thread %d (%s)", thread, os::state_of_thread(thread).name);
}

/// Where a thread sleeps that runs code of the program.
std::string where(const look& in, const os::thread_state& state) {
    switch (state.what) {
    case doing::waits_for_thread: {
        const int holder = os::holder_of_lock(state.address);
        return text("asleep in futex on %#" PRIx64 ", ", state.address) +
               (holder != 0 ? "a lock of the program that " + who(in, holder) + " holds"
                            : "a lock or condition of the program");
    }
    case doing::waits_for_time:
        return "asleep for a time";
    case doing::waits_in_call:
        return text("asleep in system call %ld", state.call);
    case doing::sleeps:
        return "asleep in the kernel";
    default:
        return "at work";
    }
}

// The thread that runs the job of a join, as far as it is known: the job's owner keeps it.
std::string runner_of(const look& in, const seen_thread& one) {
    const thread_table& table = in.of->table();
    const thread_record* runner = nullptr;
    one.record->waiting.look_at_object(one.wait, [&] {
        // acquire: as in join(), though here only the number counts
        const job_state seen{
            static_cast<const detail::job*>(one.wait.object)->state.load(detail::acquire)};
        if (seen.what() == job_state::tag::taken && seen.thief() < table.size()) {
            runner = &table[seen.thief()];
        }
    });
    return runner != nullptr ? who(*runner) : "another thread";
}

std::string group_text(const seen_thread& one) {
    std::uint64_t active = 0;
    bool tasks = false;
    one.record->waiting.look_at_object(one.wait, [&] {
        auto& g = *static_cast<group*>(const_cast<void*>(one.wait.object)); // NOLINT: a look
        active = group_word{g.word.load(detail::relaxed)}.active();
        tasks = g.has_tasks();
    });
    return text("%p: %" PRIu64 " thread%s at its tasks, %s of them yet to begin", one.wait.object,
                active, active == 1 ? " is" : "s are", tasks ? "some" : "none");
}

/// The record that runs a submission, or null.
const thread_record* runner_of(scheduler& in, const void* submission) noexcept {
    const thread_table& table = in.table();
    const std::uint32_t count = table.size();
    for (std::uint32_t id = 0; id < count; ++id) {
        if (table[id].waiting.submission() == submission) {
            return &table[id];
        }
    }
    return nullptr;
}

std::string submission_text(const look& in, const seen_thread& one) {
    const thread_record* const runner = runner_of(*in.of, one.wait.object);
    if (runner == nullptr) {
        return text("the submission at %p", one.wait.object);
    }
    return text("the submission at %p that %s runs", one.wait.object,
                runner == one.record ? "it" : who(*runner).c_str());
}

std::string what(const look& in, const std::vector<look>& all, const seen_thread& one) {
    switch (one.wait.what) {
    case waits_for::task:
        return "waits for a task that " + runner_of(in, one) + " runs";
    case waits_for::group:
        return "waits for the group at " + group_text(one);
    case waits_for::own_group:
        return "waits for its own group, of which it runs a task, at " + group_text(one);
    case waits_for::place:
        return "waits for a place, to enter from outside";
    case waits_for::submission:
        return "waits for " + submission_text(in, one);
    case waits_for::end_of_runtime:
        return "waits for the end of all tasks, to destroy the runtime";
    case waits_for::section:
    case waits_for::nothing:
        break;
    }
    const char* const place = one.in_section() ? "in a blocking section" : "in a task";
    if (const further_in inner = find_further_in(all, one); inner.at != nullptr) {
        return text("%s, and there inside runtime \"%s\"", place, inner.in->of->name());
    }
    return text("%s, %s", place, where(in, one.state).c_str());
}

template <class IsIt>
const seen_thread* find(const look& in, IsIt is_it) {
    const auto one = std::find_if(in.threads.begin(), in.threads.end(), is_it);
    return one != in.threads.end() ? &*one : nullptr;
}

bool waits_for_itself(const look& in, const seen_thread& one) noexcept {
    return one.wait.what == waits_for::submission && one.record != nullptr &&
           runner_of(*in.of, one.wait.object) == one.record;
}

// A task that wants a lock while a thread waits for a place: best a lock that this one holds.
const seen_thread* find_locked(const look& in, const seen_thread* entering) {
    const auto wants_lock = [](const seen_thread& one) {
        return one.in_task() && one.state.what == doing::waits_for_thread;
    };
    const seen_thread* const its_own = find(in, [&](const seen_thread& one) {
        return entering != nullptr && wants_lock(one) &&
               os::holder_of_lock(one.state.address) == entering->thread;
    });
    return its_own != nullptr ? its_own : find(in, wants_lock);
}

std::string hint(const look& in) {
    if (find(in, [](const seen_thread& one) { return one.wait.what == waits_for::own_group; })) {
        return "a task must not wait for its own group, which ends after the task does";
    }
    if (find(in, [&in](const seen_thread& one) { return waits_for_itself(in, one); })) {
        return "a submission must not wait for its own future";
    }
    const seen_thread* const entering =
        find(in, [](const seen_thread& one) { return one.wait.what == waits_for::place; });
    const seen_thread* const locked = find_locked(in, entering);
    if (entering != nullptr && locked != nullptr) {
        return text("a lock that tasks take must not be held while entering from outside: %s waits "
                    "for a place, and a task on one wants the lock at %#" PRIx64,
                    who(*entering).c_str(), locked->state.address);
    }
    return text("%s\"gdb -p %d\" and \"thread apply all backtrace\" show where",
                locked != nullptr ? "tasks wait for locks or conditions of the program, and nobody "
                                    "runs who could end that; "
                                  : "",
                ::getpid());
}

} // namespace

void report(const look& one, const std::vector<look>& all, std::uint64_t seconds,
            std::vector<std::string>& lines) {
    const std::size_t count = one.threads.size();
    lines.push_back(text("twill: watchdog: runtime \"%s\" stands still since %" PRIu64
                         " s: %zu thread%s",
                         one.of->name(), seconds, count, count == 1 ? " waits" : "s wait"));
    const std::uint64_t now = detail::ticks();
    for (const seen_thread& seen : one.threads) {
        std::string line = "twill: watchdog: " + who(seen) + ": " + what(one, all, seen);
        if (seen.wait.since != 0 && now > seen.wait.since) {
            line +=
                text(", for %.0f s", os::nanoseconds_from_ticks(now - seen.wait.since) / second);
        }
        lines.push_back(std::move(line));
    }
    lines.push_back("twill: watchdog: hint: " + hint(one));
}

} // namespace twill::sched

// SPDX-License-Identifier: Apache-2.0
#include "os/build_id.hpp"
#include "os/clock.hpp"
#include "sched/recording.hpp"
#include "topology/worker_count.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>

namespace twill::sched {

namespace {

constexpr std::size_t longest_file = std::size_t{64} << 10;

#if defined(__clang__)
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

// The beginning of a file of the system; empty if it cannot be read.
std::string contents(const char* path) {
    std::string text(longest_file, '\0');
    std::size_t size = 0;
    if (std::FILE* const file = std::fopen(path, "re"); file != nullptr) {
        size = std::fread(text.data(), 1, text.size(), file);
        std::fclose(file);
    }
    text.resize(size);
    return text;
}

// The arguments are divided by zeros.
std::string command_line() {
    std::string text = contents("/proc/self/cmdline");
    while (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    for (char& one : text) {
        one = one == '\0' ? ' ' : one;
    }
    return text;
}

std::string processor() {
    const std::string text = contents("/proc/cpuinfo");
    for (const std::string_view name : {"model name", "CPU part"}) {
        const std::size_t at = text.find(name);
        const std::size_t colon = at == std::string::npos ? at : text.find(':', at);
        const std::size_t end = colon == std::string::npos ? colon : text.find('\n', colon);
        if (end != std::string::npos && colon + 2 < end) {
            return text.substr(colon + 2, end - colon - 2);
        }
    }
    return "processor unknown";
}

std::string host() {
    utsname system{};
    ::uname(&system);
    return std::string(system.sysname) + " " + system.release + " " + system.machine + ", " +
           processor();
}

std::int64_t now_since_1970() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

constexpr const char* name_of(record_mode mode) noexcept {
    return mode == record_mode::full ? "full" : mode == record_mode::kinds ? "kinds" : "counters";
}

struct named_count {
    const char* name;
    std::uint64_t worker_load::* count;
};
// New ones at the end: a reader goes by the names, people by the order.
constexpr std::array counts = {
    named_count{"forks", &worker_load::forks},
    named_count{"published", &worker_load::published},
    named_count{"taken_back", &worker_load::taken_back},
    named_count{"stolen", &worker_load::stolen},
    named_count{"leapfrogged", &worker_load::leapfrogged},
    named_count{"polls", &worker_load::polls},
    named_count{"joins_blocked", &worker_load::joins_blocked},
    named_count{"handed_over", &worker_load::handed_over},
    named_count{"parks", &worker_load::parks},
    named_count{"wakes", &worker_load::wakes},
    named_count{"retired", &worker_load::retired},
    named_count{"threads", &worker_load::threads},
    named_count{"tickets", &worker_load::tickets},
    named_count{"tasks", &worker_load::tasks},
    named_count{"failed", &worker_load::failed},
    named_count{"stolen_remote", &worker_load::stolen_remote},
    named_count{"placed", &worker_load::placed},
    named_count{"displaced", &worker_load::displaced},
    named_count{"stolen_middle", &worker_load::stolen_middle},
    named_count{"stolen_far", &worker_load::stolen_far},
};

} // namespace

trace::file_header describe_recording(record_mode mode) {
    const task_prices prices = measure_prices();
    const os::clock_anchor now = os::anchor();
    const double quota = topology::cpu_quota();
    return {.program = command_line(),
            .build = std::string("twill " TWILL_VERSION ", ") + compiler,
            .host = host(),
            .pid = ::getpid(),
            .started = now_since_1970(),
            .ticks_per_nanosecond = os::ticks_per_microsecond() / 1000,
            .clock = {now.ticks, now.nanoseconds},
            .cores = topology::affinity_count(),
            .quota = quota > 0 ? std::optional(quota) : std::nullopt,
            .mode = name_of(mode),
            .steal_takes = prices.steal,
            .wake_takes = prices.wake,
            .task_takes = prices.task,
            .counts = names_of_counts(),
            .clock_ahead = prices.clock_ahead};
}

trace::machine machine_of(const scheduler& of) {
    trace::machine result;
    result.build_id = os::program_build_id();
    if (result.build_id.empty()) {
        result.no_build_id = "the program was linked without one (--build-id)";
    }
    if (const auto* const rows = of.known_nodes.rows(); rows != nullptr) {
        for (const topology::table_row& row : *rows) {
            result.workers.push_back({row.pu, row.core, row.l3, row.node});
        }
    } else {
        result.no_places = "not found out: the program was too short, or there is no hwloc";
    }
    return result;
}

std::vector<std::string> names_of_counts() {
    std::vector<std::string> names;
    for (const named_count& one : counts) {
        names.emplace_back(one.name);
    }
    return names;
}

trace::worker columns_of(const worker_load& from) {
    trace::worker to;
    to.open = from.open.count();
    to.useful = from.useful.count();
    to.dispatch = from.dispatch.count();
    to.search = from.search.count();
    to.parked = from.parked.count();
    if (from.preempted) {
        to.preempted = from.preempted->count();
    }
    to.over = from.over.count();
    return to;
}

trace::accounts accounts_of(const load_window& window) {
    trace::accounts result;
    result.wall = window.wall.count();
    result.in_verbs = window.in_verbs.count();
    if (window.cpu) {
        result.cpu = window.cpu->count();
        result.off_places = window.off_places.count();
    }
    result.awake_limit = window.awake_limit;
    for (const worker_load& from : window.workers) {
        trace::worker& to = result.workers.emplace_back(columns_of(from));
        for (const named_count& one : counts) {
            to.counts.push_back(from.*one.count);
        }
    }
    return result;
}

} // namespace twill::sched

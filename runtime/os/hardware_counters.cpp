// SPDX-License-Identifier: Apache-2.0
#include "os/hardware_counters.hpp"

#include "os/kept_errno.hpp"

#include <cerrno>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace twill::os {

namespace {

constexpr std::uint64_t configurations[] = {PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS,
                                            PERF_COUNT_HW_CACHE_MISSES};
static_assert(sizeof configurations / sizeof configurations[0] == hardware_event_count);

/// What read() on the first counter of a group gives, with the format that open() asks for.
struct group_reading {
    std::uint64_t count;
    std::uint64_t enabled;
    std::uint64_t running;
    std::uint64_t values[hardware_event_count];
};

int ask_kernel(perf_event_attr& what, int group) noexcept {
    constexpr pid_t calling_thread = 0;
    constexpr int any_cpu = -1;
    return static_cast<int>(
        syscall(SYS_perf_event_open, &what, calling_thread, any_cpu, group, PERF_FLAG_FD_CLOEXEC));
}

bool name_of(int file, std::uint64_t& name) noexcept {
    return ioctl(file, PERF_EVENT_IOC_ID, &name) == 0;
}

long read_file(int file, void* into, std::size_t size) noexcept { return ::read(file, into, size); }

void close_file(int file) noexcept { ::close(file); }

} // namespace

constinit const counter_calls calls_of_kernel = {&ask_kernel, &name_of, &read_file, &close_file};

namespace {
constinit const counter_calls* calls = &calls_of_kernel;
} // namespace

void hardware_counters::use(const counter_calls& of) noexcept { calls = &of; }

void hardware_counters::open() noexcept {
    const kept_errno kept;
    opened_ = 0;
    for (std::size_t k = 0; k < hardware_event_count; ++k) {
        perf_event_attr what{};
        what.size = sizeof what;
        what.type = PERF_TYPE_HARDWARE;
        what.config = configurations[k];
        what.read_format =
            PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
        what.exclude_kernel = 1; // most systems let programs count no more than this
        what.exclude_hv = 1;
        const int file = calls->open(what, opened_ > 0 ? files_[0] : -1);
        refused_[k] = file < 0 ? errno : 0;
        if (file >= 0) {
            files_[opened_] = file;
            order_[opened_] = static_cast<hardware_event>(k);
            names_[opened_] = 0;
            static_cast<void>(calls->name(file, names_[opened_]));
            ++opened_;
        }
    }
}

// Whatever else has the descriptor does not know the request, or is another counter.
bool hardware_counters::still_ours(std::size_t k) const noexcept {
    std::uint64_t name = 0;
    return calls->name(files_[k], name) && name == names_[k];
}

void hardware_counters::close() noexcept {
    const kept_errno kept;
    // The first one last: the others are of its group.
    while (opened_ > 0) {
        --opened_;
        if (still_ours(opened_)) {
            calls->close(files_[opened_]);
        }
    }
}

hardware_counts hardware_counters::read() const noexcept {
    hardware_counts result{};
    const kept_errno kept;
    group_reading told{};
    if (opened_ == 0 || !still_ours(0) || calls->read(files_[0], &told, sizeof told) <= 0) {
        return result;
    }
    for (std::size_t k = 0; k < opened_ && k < told.count; ++k) {
        result.of[static_cast<std::size_t>(order_[k])] =
            scaled(told.values[k], told.enabled, told.running);
    }
    return result;
}

std::uint64_t hardware_counters::scaled(std::uint64_t count, std::uint64_t enabled,
                                        std::uint64_t running) noexcept {
    if (running == 0) {
        return 0;
    }
    if (running >= enabled) {
        return count;
    }
    return static_cast<std::uint64_t>(static_cast<double>(count) * static_cast<double>(enabled) /
                                      static_cast<double>(running));
}

const char* reason_of_refusal(int error) noexcept {
    switch (error) {
    case 0:
        return nullptr;
    case EACCES:
        return "the system forbids it (/proc/sys/kernel/perf_event_paranoid)";
    case EPERM:
        return "the system forbids it to this program (perf_event_open: EPERM, as containers say)";
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
        return "the processor shows no such counter (as in most virtual machines)";
    case ENOSYS:
        return "the kernel has no perf_event_open";
    case EMFILE:
    case ENFILE:
        return "too many open files: each thread needs three more";
    case EBUSY:
        return "another program has the counters for itself";
    default:
        return "the system refused perf_event_open";
    }
}

} // namespace twill::os

// SPDX-License-Identifier: Apache-2.0
#include "os/environment.hpp"
#include "os/kept_errno.hpp"
#include "os/message.hpp"
#include "sched/lifetime.hpp"
#include "sched/recorded_runtimes.hpp"
#include "sched/recording.hpp"

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <unistd.h>

namespace twill::sched {

namespace {

constexpr const char* variable = "TWILL_RECORD";

/// The recording of the process: one at a time.
struct recording_control {
    std::mutex lock;
    recording* current = nullptr;
    std::uint32_t sessions = 0;
    bool ends_at_exit = false;
};

// Never destroyed: a recording is ended as the program exits.
recording_control& control() noexcept {
    alignas(recording_control) static unsigned char room[sizeof(recording_control)];
    static auto* const one = new (room) recording_control;
    return *one;
}

// Under the lock.
int stop_current(recording_control& in) noexcept {
    if (in.current == nullptr) {
        return 0;
    }
    const std::unique_ptr<recording> one(std::exchange(in.current, nullptr));
    return one->stop();
}

int stop() noexcept {
    recording_control& in = control();
    const std::lock_guard locked(in.lock);
    return stop_current(in);
}

int start(scheduler& of, recording_request what) noexcept {
    recording_control& in = control();
    const std::lock_guard locked(in.lock);
    if (in.current != nullptr) {
        if (!in.current->ended()) {
            return EBUSY;
        }
        stop_current(in); // its file was full, and has been told
    }
    in.sessions += in.sessions + 1 == 0 ? 2 : 1; // never 0
    auto* const one = new (std::nothrow) recording(of, std::move(what), in.sessions);
    if (one == nullptr) {
        return ENOMEM;
    }
    if (const int error = one->start(); error != 0) {
        delete one;
        return error;
    }
    in.current = one;
    if (!in.ends_at_exit) {
        in.ends_at_exit = true;
        std::atexit([] { stop(); }); // fails for lack of memory only: then the file has no end
    }
    return 0;
}

constexpr std::pair<std::string_view, record_mode> modes[] = {
    {"counters", record_mode::counters},
    {"kinds", record_mode::kinds},
    {"full", record_mode::full},
};

// `FILE` or `FILE:mode`. What follows the last colon is the mode, so a name with a colon needs one.
std::optional<recording_request> parse(std::string_view text, bool& names_process) {
    recording_request result;
    if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
        const std::string_view mode = text.substr(colon + 1);
        bool known = false;
        for (const auto& [name, value] : modes) {
            if (name == mode) {
                result.mode = value;
                known = true;
            }
        }
        if (!known) {
            return {};
        }
        text = text.substr(0, colon);
    }
    names_process = false;
    for (std::size_t k = 0; k < text.size(); ++k) {
        const bool escape = text[k] == '%' && k + 1 < text.size();
        if (escape && text[k + 1] == 'p') {
            result.path += std::to_string(::getpid());
            names_process = true;
            ++k;
        } else {
            result.path += text[k];
            k += escape && text[k + 1] == '%' ? 1 : 0;
        }
    }
    return result.path.empty() ? std::nullopt : std::optional(std::move(result));
}

} // namespace

// The child of a fork() in a process that was recorded is recorded only where the name of the file
// is its own.
void record_by_environment(scheduler& of) noexcept {
    static detail::atomic<std::uint32_t> was_asked{0}; // in this process or a parent
    const char* const text = os::read(variable);
    if (text == nullptr || *text == '\0') {
        return;
    }
    try {
        bool names_process = false;
        std::optional<recording_request> what = parse(text, names_process);
        if (!what) {
            os::bad_value(variable, "FILE, FILE:counters, FILE:kinds or FILE:full", text,
                          "no recording");
            return;
        }
        if (was_asked.exchange(1, detail::relaxed) != 0 && !names_process) {
            return;
        }
        const std::string path = what->path;
        const int error = start(of, std::move(*what));
        if (error == EAGAIN || error == ENOMEM) { // of all else the file has told
            os::say("twill: no recording: %s: %s\n", path.c_str(), os::reason(error).text);
        }
    } catch (const std::bad_alloc&) {
        os::say("twill: no recording: %s: no memory\n", variable);
    }
}

// Those that measure_prices() makes come here while the default one starts, under its lock.
void record_others_by_environment() {
    const char* const text = os::read(variable);
    if (text != nullptr && *text != '\0' && !is_recording_thread()) {
        static_cast<void>(default_scheduler());
    }
}

void forget_recording_in_child() noexcept {
    recording_control& in = control();
    if (in.current != nullptr) {
        in.current->leave_to_parent();
    }
    forget_recorded_runtimes_in_child();
    const bool ends_at_exit = in.ends_at_exit;
    auto* const fresh = new (&in) recording_control; // its lock may be held by nobody here
    fresh->ends_at_exit = ends_at_exit;
}

} // namespace twill::sched

namespace twill::inline abi_1 {

std::error_code record_start(const char* path, record_mode mode, bool overwrite) noexcept {
    const os::kept_errno kept;
    int error = 0;
    try {
        sched::scheduler& of = sched::default_scheduler();
        error = sched::start(of, {.path = path,
                                  .mode = mode,
                                  .existing = overwrite ? trace::existing_file::overwrite
                                                        : trace::existing_file::refuse});
    } catch (const std::bad_alloc&) {
        error = ENOMEM;
    }
    return {error, std::generic_category()};
}

std::error_code record_stop() noexcept {
    const os::kept_errno kept;
    return {sched::stop(), std::generic_category()};
}

} // namespace twill::inline abi_1

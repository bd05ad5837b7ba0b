// SPDX-License-Identifier: Apache-2.0
#include "record/run.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace twill::tool {

namespace {

constexpr std::array passed_on{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
constexpr int signal_base = 128; // what shells add to the number of a signal

volatile std::sig_atomic_t child = 0;

void pass_on(int signal, siginfo_t* info, void*) {
    // A terminal sends its signals to the whole group, and so to the program as well.
    if (info->si_code <= 0 && child > 0) {
        const int before = errno;
        kill(child, signal);
        errno = before;
    }
}

/// While it lives, signals are passed on. They are held back until the program runs.
class signals_passed {
public:
    signals_passed() {
        sigset_t held;
        sigemptyset(&held);
        sigemptyset(&defaults_);
        for (const int signal : passed_on) {
            sigaddset(&held, signal);
        }
        sigprocmask(SIG_BLOCK, &held, &mask_before_);
        for (std::size_t k = 0; k < passed_on.size(); ++k) {
            sigaction(passed_on[k], nullptr, &before_[k]);
            // Who ignores a signal (nohup) goes on to do so, and its programs do as well.
            if ((before_[k].sa_flags & SA_SIGINFO) == 0 && before_[k].sa_handler == SIG_IGN) {
                continue;
            }
            struct sigaction action{};
            action.sa_sigaction = &pass_on;
            action.sa_flags = SA_SIGINFO | SA_RESTART;
            sigemptyset(&action.sa_mask);
            sigaction(passed_on[k], &action, nullptr);
            sigaddset(&defaults_, passed_on[k]);
        }
    }
    signals_passed(const signals_passed&) = delete;
    signals_passed& operator=(const signals_passed&) = delete;
    ~signals_passed() {
        child = 0;
        for (std::size_t k = 0; k < passed_on.size(); ++k) {
            sigaction(passed_on[k], &before_[k], nullptr);
        }
        sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }

    void begin(pid_t program) {
        child = program;
        sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    }
    [[nodiscard]] const sigset_t& defaults() const noexcept { return defaults_; }
    [[nodiscard]] const sigset_t& mask() const noexcept { return mask_before_; }

private:
    sigset_t mask_before_{};
    sigset_t defaults_{}; ///< what the program gets back as it would have had it
    std::array<struct sigaction, passed_on.size()> before_{};
};

std::vector<std::string>
environment_with(const std::vector<std::pair<std::string, std::string>>& variables) {
    std::vector<std::string> all;
    for (char** one = environ; *one != nullptr; ++one) {
        const std::string_view text = *one;
        bool replaced = false;
        for (const auto& [name, value] : variables) {
            replaced = replaced || text.starts_with(name + '=');
        }
        if (!replaced) {
            all.emplace_back(text);
        }
    }
    for (const auto& [name, value] : variables) {
        all.push_back(name + '=' + value);
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& to) {
    std::vector<char*> all;
    all.reserve(to.size() + 1);
    for (std::string& one : to) {
        all.push_back(one.data());
    }
    all.push_back(nullptr);
    return all;
}

} // namespace

ending run_program(const std::vector<std::string>& command,
                   const std::vector<std::pair<std::string, std::string>>& variables) {
    std::vector<std::string> arguments = command;
    std::vector<std::string> environment = environment_with(variables);
    signals_passed passed;
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    const std::unique_ptr<posix_spawnattr_t, int (*)(posix_spawnattr_t*)> destroyed(
        &attributes, &posix_spawnattr_destroy);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &passed.mask());
    posix_spawnattr_setsigdefault(&attributes, &passed.defaults());
    pid_t program = 0;
    const int error = posix_spawnp(&program, arguments.front().c_str(), nullptr, &attributes,
                                   pointers(arguments).data(), pointers(environment).data());
    if (error != 0) {
        throw std::runtime_error(
            fmt::format("{}: {}", command.front(), std::generic_category().message(error)));
    }
    passed.begin(program);
    int status = 0;
    while (waitpid(program, &status, 0) < 0) {
        if (errno != EINTR) {
            throw std::runtime_error(fmt::format("{}: waiting for it: {}", command.front(),
                                                 std::generic_category().message(errno)));
        }
    }
    ending how;
    if (WIFSIGNALED(status)) {
        how.signal = WTERMSIG(status);
    } else {
        how.code = WEXITSTATUS(status);
    }
    return how;
}

int end_as(const ending& how) {
    if (how.signal == 0) {
        return how.code;
    }
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    std::signal(how.signal, SIG_DFL); // NOLINT(concurrency-mt-unsafe): there is one thread
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, how.signal);
    sigprocmask(SIG_UNBLOCK, &one, nullptr);
    raise(how.signal);
    return signal_base + how.signal;
}

} // namespace twill::tool

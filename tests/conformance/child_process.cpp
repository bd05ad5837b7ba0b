// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <iterator>
#include <poll.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace twill_test {
namespace {

// Sanitizers that the child may have been built with are told what a scenario does on purpose:
// stack frames where they belong, no search for leaks among threads that still run, threads after
// fork(), and no sleep at the exit.
constexpr const char* sanitizers_at_ease[] = {
    "ASAN_OPTIONS=detect_stack_use_after_return=0:detect_leaks=0",
    "TSAN_OPTIONS=die_after_fork=0:atexit_sleep_ms=0"};

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view name(*entry);
        if (name.rfind("TWILL_", 0) != 0 && name.rfind("ASAN_OPTIONS=", 0) != 0 &&
            name.rfind("TSAN_OPTIONS=", 0) != 0) {
            all.emplace_back(*entry);
        }
    }
    // Of two entries for a variable the first counts.
    all.insert(all.end(), added.begin(), added.end());
    all.insert(all.end(), std::begin(sanitizers_at_ease), std::end(sanitizers_at_ease));
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) {
        all.push_back(text.data());
    }
    all.push_back(nullptr);
    return all;
}

void limit_stack(std::size_t bytes) {
    rlimit limit{};
    if (bytes != 0 && getrlimit(RLIMIT_STACK, &limit) == 0) {
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_STACK, &limit);
    }
    // Children that end by a signal are expected here; nobody wants their core files.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
}

/// Reads both pipes until they are closed. False if that takes longer than `child_patience`.
bool read_all(int out, int err, child_result& into) {
    const auto deadline = std::chrono::steady_clock::now() + child_patience;
    pollfd pipes[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
    std::string* const texts[] = {&into.out, &into.err};
    while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0 ||
            (poll(pipes, 2, static_cast<int>(left.count())) < 0 && errno != EINTR)) {
            return false;
        }
        for (int k = 0; k < 2; ++k) {
            char buffer[4096];
            if (pipes[k].fd < 0 || pipes[k].revents == 0) {
                continue;
            }
            const ssize_t length = read(pipes[k].fd, buffer, sizeof buffer);
            if (length > 0) {
                texts[k]->append(buffer, static_cast<std::size_t>(length));
            } else {
                pipes[k].fd = -1;
            }
        }
    }
    return true;
}

} // namespace

child_result run_child(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& environment, std::size_t stack_limit,
                       const std::string& program) {
    child_result result;
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = environment_with(environment);
    const std::vector<char*> argv = pointers_to(words);
    const std::vector<char*> envp = pointers_to(variables);
    int out[2];
    int err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
        return result;
    }
    const pid_t child = fork();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        limit_stack(stack_limit);
        execve(argv[0], argv.data(), envp.data());
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    if (child > 0) {
        result.timed_out = !read_all(out[0], err[0], result);
        if (result.timed_out) {
            kill(child, SIGKILL);
        }
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
    result.end = std::chrono::steady_clock::now();
    close(out[0]);
    close(err[0]);
    return result;
}

} // namespace twill_test

// SPDX-License-Identifier: Apache-2.0
// Whatever is no overflow goes where it went before the handler was there.
#include "os/stack.hpp"

#include "support/child.hpp"
#include "twill/detail/atomic.hpp"

#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace {

namespace os = twill::os;
using twill::testing_support::child_end;
using twill::testing_support::expect_silent_success;
using twill::testing_support::in_child;

int outside() noexcept { return -1; }

using handler = void (*)(int);
using info_handler = void (*)(int, siginfo_t*, void*);

/// Installs a user's handler, then ours, and makes the calling thread known.
void install_over(struct sigaction before, int signal = SIGSEGV) {
    ASSERT_EQ(sigaction(signal, &before, nullptr), 0);
    os::install_overflow_handler();
    ASSERT_TRUE(os::register_overflow_stack(&outside));
}
struct sigaction plain(handler run, int flags = 0) {
    struct sigaction action{};
    action.sa_handler = run;
    action.sa_flags = flags;
    return action;
}
struct sigaction with_info(info_handler run, int flags = 0) {
    struct sigaction action{};
    action.sa_sigaction = run;
    action.sa_flags = SA_SIGINFO | flags;
    return action;
}

/// A page that must not be touched.
char* forbidden_page() {
    static void* const page = ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return static_cast<char*>(page);
}
[[gnu::noinline]] __attribute__((no_sanitize("address", "undefined", "thread"))) void fault() {
    *static_cast<volatile char*>(forbidden_page() + 100) = 1;
}

void say(const char* text) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::string(text).size());
}

TEST(overflow_chain, the_default_action_of_a_fault_keeps_its_signal) {
    const child_end end = in_child([] {
        install_over(plain(SIG_DFL));
        fault();
    });
    EXPECT_TRUE(end.killed_by(SIGSEGV)) << end.status;
    EXPECT_EQ(end.errors, "");
}

TEST(overflow_chain, the_default_action_of_a_sent_signal_keeps_its_signal) {
    for (const int signal : {SIGSEGV, SIGBUS}) {
        const child_end end = in_child([signal] {
            install_over(plain(SIG_DFL), signal);
            ::kill(::getpid(), signal);
            ::pause();
        });
        EXPECT_TRUE(end.killed_by(signal)) << end.status;
    }
}

TEST(overflow_chain, a_bus_error_goes_on_too) {
    const child_end end = in_child([] {
        char path[] = "/tmp/twill-bus-XXXXXX";
        const int file = ::mkstemp(path);
        ::unlink(path);
        ASSERT_GE(file, 0);
        auto* const map =
            static_cast<volatile char*>(::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0));
        install_over(plain([](int signal) { ::_exit(signal == SIGBUS ? 42 : 43); }), SIGBUS);
        static_cast<void>(map[0]); // behind the end of the file
    });
    EXPECT_TRUE(end.exited_with(42)) << end.status;
}

TEST(overflow_chain, an_ignored_signal_that_was_sent_is_ignored) {
    expect_silent_success([] {
        install_over(plain(SIG_IGN));
        ::raise(SIGSEGV);
        ::kill(::getpid(), SIGSEGV);
        sigval value{};
        ::sigqueue(::getpid(), SIGSEGV, value);
    });
}

TEST(overflow_chain, an_ignored_signal_that_a_fault_raised_ends_the_program) {
    const child_end end = in_child([] {
        install_over(plain(SIG_IGN));
        fault();
    });
    EXPECT_TRUE(end.killed_by(SIGSEGV)) << end.status;
}

TEST(overflow_chain, a_plain_handler_gets_the_signal) {
    const child_end end = in_child([] {
        install_over(plain([](int signal) {
            say("mine\n");
            ::_exit(signal == SIGSEGV ? 42 : 43);
        }));
        fault();
    });
    EXPECT_TRUE(end.exited_with(42)) << end.status;
    EXPECT_EQ(end.errors, "mine\n");
}

TEST(overflow_chain, a_handler_with_information_gets_all_of_it) {
    const child_end end = in_child([] {
        forbidden_page();
        install_over(with_info([](int signal, siginfo_t* info, void* context) {
            const bool right = signal == SIGSEGV && info->si_signo == SIGSEGV &&
                               info->si_code == SEGV_ACCERR && context != nullptr &&
                               info->si_addr == forbidden_page() + 100;
            ::_exit(right ? 42 : 43);
        }));
        fault();
    });
    EXPECT_TRUE(end.exited_with(42)) << end.status;
}

sigjmp_buf way_out;

TEST(overflow_chain, a_handler_may_repair_and_may_jump_out) {
    expect_silent_success([] {
        install_over(plain([](int) { ::siglongjmp(way_out, 1); }));
        static int survived = 0;
        if (sigsetjmp(way_out, 1) != 0) {
            ++survived;
        }
        if (survived < 5) {
            fault();
        }
        EXPECT_EQ(survived, 5);
    });
    expect_silent_success([] {
        install_over(with_info([](int, siginfo_t*, void*) {
            ::mprotect(forbidden_page(), 4096, PROT_READ | PROT_WRITE);
        }));
        fault(); // again, and this time it goes well
        EXPECT_EQ(forbidden_page()[100], 1);
    });
}

TEST(overflow_chain, a_handler_that_resets_itself_runs_once) {
    const child_end end = in_child([] {
        install_over(plain([](int) { say("once\n"); }, static_cast<int>(SA_RESETHAND)));
        ::raise(SIGSEGV);
        ::raise(SIGSEGV);
    });
    EXPECT_TRUE(end.killed_by(SIGSEGV)) << end.status;
    EXPECT_EQ(end.errors, "once\n");
}

volatile sig_atomic_t depth = 0;
volatile sig_atomic_t deepest = 0;
volatile sig_atomic_t to_raise = 2;

void raise_again(int signal) {
    depth = depth + 1;
    deepest = depth > deepest ? depth : deepest;
    if (to_raise > 0) {
        to_raise = to_raise - 1;
        ::raise(signal);
    }
    depth = depth - 1;
}

TEST(overflow_chain, a_signal_is_blocked_in_its_handler_unless_it_asked_otherwise) {
    expect_silent_success([] {
        install_over(plain(&raise_again));
        ::raise(SIGSEGV);
        EXPECT_EQ(deepest, 1);
    });
#if defined(TWILL_THREAD_SANITIZER)
    GTEST_SKIP() << "ThreadSanitizer blocks all signals while it runs a handler";
#endif
    expect_silent_success([] {
        install_over(plain(&raise_again, SA_NODEFER));
        ::raise(SIGSEGV);
        EXPECT_EQ(deepest, 3);
    });
}

TEST(overflow_chain, the_handlers_mask_holds) {
    expect_silent_success([] {
        static volatile sig_atomic_t blocked = -1;
        struct sigaction action = plain([](int) {
            sigset_t now;
            pthread_sigmask(SIG_SETMASK, nullptr, &now);
            blocked = sigismember(&now, SIGUSR2);
        });
        sigaddset(&action.sa_mask, SIGUSR2);
        install_over(action);
        ::raise(SIGSEGV);
        EXPECT_EQ(blocked, 1);
        sigset_t after;
        pthread_sigmask(SIG_SETMASK, nullptr, &after);
        EXPECT_EQ(sigismember(&after, SIGUSR2), 0);
    });
}

TEST(overflow_chain, installing_twice_does_not_chain_to_itself) {
    const child_end end = in_child([] {
        install_over(plain([](int) { ::_exit(42); }));
        os::install_overflow_handler();
        os::install_overflow_handler();
        fault();
    });
    EXPECT_TRUE(end.exited_with(42)) << end.status;
}

TEST(overflow_chain, a_handler_that_the_user_puts_over_it_may_chain_back) {
    // What crash reporters do: they keep what they found, which is ours, and call it last.
    static struct sigaction found;
    const child_end end = in_child([] {
        install_over(plain(SIG_DFL));
        struct sigaction action = with_info([](int signal, siginfo_t* info, void* context) {
            say("reported\n");
            found.sa_sigaction(signal, info, context);
        });
        ASSERT_EQ(sigaction(SIGSEGV, &action, &found), 0);
        fault();
    });
    EXPECT_TRUE(end.killed_by(SIGSEGV)) << end.status;
    EXPECT_EQ(end.errors, "reported\n");
}

TEST(overflow_chain, errno_survives_a_handler) {
    expect_silent_success([] {
        install_over(plain(SIG_IGN));
        errno = ENOTTY;
        ::raise(SIGSEGV);
        EXPECT_EQ(errno, ENOTTY);
    });
}

} // namespace

// SPDX-License-Identifier: Apache-2.0
// Verbs on a stack that the user brought along: fibers, coroutines and handlers of signals do so.
// Its bounds are unknown, so the overflow check is off there; requests for work are answered all
// the same.
#include "support.hpp"

#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(TWILL_TEST_THREAD_SANITIZER)
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
// It takes each handler for one that may have interrupted the allocator.
const char* __tsan_default_options() { return "report_signal_unsafe=0"; }
}
#endif

namespace {

using namespace twill_test;

/// Runs a callable on a stack of its own, and comes back when it has ended or called pause().
class stack_of_its_own {
public:
    template <class Call>
    explicit stack_of_its_own(Call& call)
        : run_([](void* opaque) { (*static_cast<Call*>(opaque))(); }), argument_(&call) {
        memory_ = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        getcontext(&inside_);
        inside_.uc_stack.ss_sp = memory_;
        inside_.uc_stack.ss_size = size;
        inside_.uc_link = nullptr;
        const auto address = reinterpret_cast<std::uintptr_t>(this);
        makecontext(&inside_, reinterpret_cast<void (*)()>(&begin), 2,
                    static_cast<unsigned>(address >> 32), static_cast<unsigned>(address));
#if defined(TWILL_TEST_THREAD_SANITIZER)
        fiber_ = __tsan_create_fiber(0);
#endif
    }
    ~stack_of_its_own() {
#if defined(TWILL_TEST_THREAD_SANITIZER)
        __tsan_destroy_fiber(fiber_);
#endif
        munmap(memory_, size);
    }
    stack_of_its_own(const stack_of_its_own&) = delete;
    stack_of_its_own& operator=(const stack_of_its_own&) = delete;

    void resume() {
#if defined(TWILL_TEST_THREAD_SANITIZER)
        caller_ = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(fiber_, 0);
#endif
        swapcontext(&outside_, &inside_);
    }
    void pause() {
#if defined(TWILL_TEST_THREAD_SANITIZER)
        __tsan_switch_to_fiber(caller_, 0);
#endif
        swapcontext(&inside_, &outside_);
    }

private:
    static constexpr std::size_t size = std::size_t{1} << 20;

    static void begin(unsigned high, unsigned low) {
        auto* self = reinterpret_cast<stack_of_its_own*>(std::uintptr_t{high} << 32 | low);
        self->run_(self->argument_);
        // No return: the sanitizer would count it on the stack that it has just been told of.
#if defined(TWILL_TEST_THREAD_SANITIZER)
        __tsan_switch_to_fiber(self->caller_, 0);
#endif
        setcontext(&self->outside_);
    }

    void (*run_)(void*);
    void* argument_;
    void* memory_;
    ucontext_t inside_{};
    ucontext_t outside_{};
#if defined(TWILL_TEST_THREAD_SANITIZER)
    void* fiber_ = nullptr;
    void* caller_ = nullptr;
#endif
};

template <class Call>
void on_own_stack(Call call) {
    stack_of_its_own stack(call);
    stack.resume();
}

int fib(int n) {
    if (n < 2) {
        keep(work(20));
        return n;
    }
    const auto [a, b] =
        twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

TEST(own_stack, takes_verbs_from_outside) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        on_own_stack([] {
            EXPECT_EQ(fib(16), 987);
            std::atomic<int> calls{0};
            twill::parallel_for(0, 2000, [&](int) {
                keep(work(100));
                ++calls;
            });
            EXPECT_EQ(calls, 2000);
        });
        EXPECT_EQ(fib(10), 55);
    }));
}

// The outer verb runs on the thread's stack, the inner one above or below it.
TEST(own_stack, takes_verbs_inside_of_tasks) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        std::atomic<int> sum{0};
        twill::parallel_for(0, 20, [&](int) {
            const int before = fib(8);
            on_own_stack([&] { sum += fib(12); });
            sum += fib(8) - before;
        });
        ASSERT_EQ(sum, 20 * 144);
    }));
}

// Forks are left open on the thread's stack while the fiber forks, and stay joinable.
TEST(own_stack, may_be_left_and_resumed_between_verbs) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        int sum = 0;
        stack_of_its_own* self = nullptr;
        auto call = [&] {
            for (int k = 0; k < 5; ++k) {
                sum += fib(10);
                self->pause();
            }
        };
        stack_of_its_own stack(call);
        self = &stack;
        for (int k = 0; k < 5; ++k) {
            sum += fib(9);
            stack.resume();
        }
        stack.resume();
        ASSERT_EQ(sum, 5 * (55 + 34));
    }));
}

TEST(own_stack, passes_exceptions_on) {
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [] {
        on_own_stack([] {
            EXPECT_THROW(twill::parallel_for(0, 1000,
                                             [](int i) {
                                                 keep(work(200));
                                                 if (i == 700) {
                                                     throw std::runtime_error("on a fiber");
                                                 }
                                             }),
                         std::runtime_error);
        });
    }));
}

// Far more than the margin of a thread's stack, on a stack that is large enough.
TEST(own_stack, is_not_taken_for_an_overflow) {
    on_own_stack([] {
        const int deep = twill::parallel_reduce(
            0, 100, 0,
            [](int) {
                volatile char frame[100 * 1024];
                frame[0] = 1;
                return fib(6) * frame[0];
            },
            [](int a, int b) { return a + b; });
        EXPECT_EQ(deep, 800);
    });
}

/// Has `call` run in a handler on an alternate stack, by a signal that this thread raises itself.
class signal_stack {
public:
    signal_stack() : memory_(size) {
        stack_t own{};
        own.ss_sp = memory_.data();
        own.ss_size = size;
        EXPECT_EQ(sigaltstack(&own, &stack_before_), 0);
        struct sigaction handler{};
        handler.sa_handler = [](int) { current_->handle(); };
        handler.sa_flags = SA_ONSTACK;
        EXPECT_EQ(sigaction(SIGUSR1, &handler, &handler_before_), 0);
    }
    ~signal_stack() {
        sigaction(SIGUSR1, &handler_before_, nullptr);
        sigaltstack(&stack_before_, nullptr);
    }
    signal_stack(const signal_stack&) = delete;
    signal_stack& operator=(const signal_stack&) = delete;

    void call(const std::function<void()>& call) {
        call_ = &call;
        current_ = this;
        const int before = calls_;
        EXPECT_EQ(std::raise(SIGUSR1), 0);
        EXPECT_EQ(calls_, before + 1);
    }

private:
    static constexpr std::size_t size = std::size_t{1} << 20;

    void handle() {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        EXPECT_LT(here - reinterpret_cast<std::uintptr_t>(memory_.data()), size);
        (*call_)();
        ++calls_;
    }

    static thread_local signal_stack* current_;
    std::vector<char> memory_;
    stack_t stack_before_{};
    struct sigaction handler_before_{};
    const std::function<void()>* call_ = nullptr;
    int calls_ = 0;
};
thread_local signal_stack* signal_stack::current_ = nullptr;

TEST(signal_stack, takes_verbs_from_outside) {
    signal_stack stack;
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [&stack] {
        stack.call([] {
            EXPECT_EQ(fib(16), 987);
            EXPECT_THROW(twill::parallel_for(0, 1000,
                                             [](int i) {
                                                 keep(work(100));
                                                 if (i == 700) {
                                                     throw std::runtime_error("in a handler");
                                                 }
                                             }),
                         std::runtime_error);
            std::atomic<int> ran{0};
            twill::task_group group;
            for (int k = 0; k < 100; ++k) {
                group.run([&ran] { ++ran; });
            }
            group.wait();
            EXPECT_EQ(ran, 100);
        });
        EXPECT_EQ(fib(10), 55);
    }));
}

// In a task, between its verbs, with forks left open below.
TEST(signal_stack, takes_verbs_inside_of_tasks) {
    signal_stack stack;
    const auto caller = std::this_thread::get_id();
    EXPECT_TRUE(repeat_until_stolen(scaled(30), [&] {
        std::atomic<int> sum{0};
        twill::parallel_for(0, 20, [&](int) {
            const int before = fib(8);
            if (std::this_thread::get_id() == caller) {
                stack.call([&sum] { sum += fib(12); });
            } else {
                sum += fib(12);
            }
            sum += fib(8) - before;
        });
        ASSERT_EQ(sum, 20 * 144);
    }));
}

TEST(signal_stack, takes_other_runtimes) {
    signal_stack stack;
    twill::runtime rt{{.workers = 2}};
    for (int round = 0; round < scaled(50); ++round) {
        stack.call([&rt] {
            EXPECT_EQ(rt.run([] { return fib(8); }), 21);
            EXPECT_EQ(rt.submit([] { return fib(9); }).get(), 34);
        });
    }
}

} // namespace

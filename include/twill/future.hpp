// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// future: the value of what was submitted to a runtime.

#include "twill/deadline.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/submission.hpp"
#include "twill/priority.hpp"

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {

class runtime;

/// Thrown by a future in the child of a fork() whose submission had not ended at the fork: no
/// thread of the child will ever run it.
class TWILL_API lost_in_fork : public std::exception {
public:
    [[nodiscard]] const char* what() const noexcept override;
};

namespace detail {

template <class T>
using stored_value =
    std::conditional_t<std::is_void_v<T>, char,
                       std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

/// The part of a submission that a future of the same type knows.
template <class T>
struct valued_submission : submission {
    using submission::submission;
    union {
        stored_value<T> value;
    };
    bool has_value = false;
    // NOLINTNEXTLINE(modernize-use-equals-default): a union has no other
    ~valued_submission() {
        if (has_value) {
            value.~stored_value<T>();
        }
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written at the end
    valued_submission(void (*how)(submission*) noexcept,
                      void (*destroy)(submission*) noexcept) noexcept
        : submission(how, destroy) {}
};

/// `Callback`: what is called if it ends late, or no_callback.
template <class T, class Callable, class Callback = no_callback>
struct submitted final : valued_submission<T> {
    // Before the callable, whose constructor may throw.
    [[no_unique_address]] Callback callback;
    union {
        Callable callable;
    };
    template <class Given, class... Options>
    explicit submitted(Given&& given, Options&&... options)
        : valued_submission<T>(&run_it, &free_it), callback(find_callback(options...)),
          callable(std::forward<Given>(given)) {
        this->level = find_level(options...);
        this->due = find_due(options...);
        if constexpr (!std::is_same_v<Callback, no_callback>) {
            this->tell_late = [](submission* one, std::int64_t late_by) noexcept {
                static_cast<submitted*>(one)->callback(std::chrono::nanoseconds(late_by));
            };
        }
    }
    ~submitted() {}

    // The callable ends before the submission does: what it holds is not kept by a future.
    static void run_it(submission* one) noexcept {
        auto* self = static_cast<submitted*>(one);
        TWILL_TRY {
            if constexpr (std::is_void_v<T>) {
                self->callable();
            } else if constexpr (std::is_reference_v<T>) {
                self->value = __builtin_addressof(self->callable());
            } else {
                new (__builtin_addressof(self->value)) T(self->callable());
                self->has_value = true;
            }
        }
        TWILL_CATCH_ALL {
            self->failure = std::current_exception();
            submission_threw_slow();
        }
        self->callable.~Callable();
    }
    static void free_it(submission* one) noexcept { delete static_cast<submitted*>(one); }
};

} // namespace detail

/// The value that a callable given to runtime::submit will have. Move-only; one thread at a time.
/// A future that is destroyed leaves its submission to run.
///
/// \tparam T  void, a reference, or a type that can be moved.
template <class T>
class [[nodiscard]] future {
public:
    /// A future of nothing: valid() is false.
    future() noexcept = default;
    future(future&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    future& operator=(future&& other) noexcept {
        if (this != &other) {
            drop();
            state_ = std::exchange(other.state_, nullptr);
        }
        return *this;
    }
    ~future() { drop(); }

    /// Whether there is something to get: until get(). O(1); throws nothing.
    [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

    /// Waits for the end. A submission that has not begun is run by the caller, on the spot; in a
    /// task a wait for one that has begun is a blocking section. valid() must be true.
    /// \throws lost_in_fork in the child of a fork() that came before the end.
    void wait() const {
        if (!detail::await_slow(*state_)) {
            throw_lost();
        }
    }

    /// Waits for the end, for `time` at most, in a blocking section; runs nothing itself. True if
    /// it has ended. valid() must be true.
    /// \throws as wait().
    template <class Rep, class Period>
    [[nodiscard]] bool wait_for(const std::chrono::duration<Rep, Period>& time) const {
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
        bool lost = false;
        const bool ended =
            detail::await_for_slow(*state_, left > 0 ? static_cast<std::uint64_t>(left) : 0, lost);
        if (lost) {
            throw_lost();
        }
        return ended;
    }

    /// Waits as wait() does and moves the value out; valid() is false afterwards.
    /// \throws what the callable threw; lost_in_fork as wait().
    T get() {
        wait();
        future owner(std::move(*this));
        detail::valued_submission<T>& state = *owner.state_;
#if defined(__cpp_exceptions)
        if (state.failure != nullptr) {
            std::rethrow_exception(std::move(state.failure));
        }
#endif
        if constexpr (std::is_void_v<T>) {
            return;
        } else if constexpr (std::is_reference_v<T>) {
            return static_cast<T>(*state.value);
        } else {
            return std::move(state.value);
        }
    }

private:
    friend class runtime;
    explicit future(detail::valued_submission<T>* state) noexcept : state_(state) {}

    [[noreturn]] static void throw_lost() {
#if defined(__cpp_exceptions)
        throw lost_in_fork();
#else
        std::terminate();
#endif
    }
    void drop() noexcept {
        if (state_ != nullptr) {
            detail::release_slow(*state_);
        }
    }

    detail::valued_submission<T>* state_ = nullptr;
};

} // namespace twill::inline abi_1

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// How a verb runs its tasks as ones of a twill::kind: the frame of such a task, and the two calls
/// of the runtime around it. Nothing of this is compiled into a verb without the option.

#include "twill/detail/config.hpp"
#include "twill/detail/job.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

namespace twill::inline abi_1::detail {

/// A task of a kind that runs, on the stack of its thread. The runtime's.
struct kind_frame {
    kind_frame* outer; ///< around it, on the same thread and in the same root
    job* newest;       ///< of the thread's list as it began: that job and older ones are of `outer`
    std::uint64_t own; ///< its time so far without that of tasks of kinds inside it, in ticks
    std::uint32_t number;
    std::uint32_t recorded; ///< the recording that has its beginning, or 0
};

// The seam, as in slow_path.hpp.

TWILL_API TWILL_APART void begin_kind_slow(kind_frame& frame, std::uint32_t number) noexcept;
TWILL_API TWILL_APART void end_kind_slow(kind_frame& frame, bool threw) noexcept;
/// The number of the kind of this name; makes it if there is none.
TWILL_API TWILL_COLD std::uint32_t number_of_kind_slow(const char* name) noexcept;
/// Lives as long as the process.
TWILL_API TWILL_COLD const char* name_of_kind_slow(std::uint32_t number) noexcept;

/// The time of one task of a kind.
class kind_scope {
public:
    explicit kind_scope(std::uint32_t number) noexcept { begin_kind_slow(frame_, number); }
    ~kind_scope() { end_kind_slow(frame_, threw_); }
    kind_scope(const kind_scope&) = delete;
    kind_scope& operator=(const kind_scope&) = delete;

    /// Inside a handler: the task ends by the current exception, which goes on.
    [[noreturn]] TWILL_COLD void threw() {
        threw_ = true;
#if defined(__cpp_exceptions)
        throw;
#else
        std::terminate();
#endif
    }

private:
    kind_frame frame_; // NOLINT(cppcoreguidelines-pro-type-member-init): the runtime writes it
    bool threw_ = false;
};

/// Calls `body()` as one task of the kind and returns what it returns.
template <class Body>
TWILL_INLINE decltype(auto) run_as_kind(std::uint32_t number, Body&& body) {
    kind_scope scope(number);
    TWILL_TRY { return std::forward<Body>(body)(); }
    TWILL_CATCH_ALL { scope.threw(); }
}

/// A callable without parameters whose calls are tasks of a kind.
template <class Callable>
struct of_kind {
    Callable callable;
    std::uint32_t number;

    decltype(auto) operator()() const
        requires requires(const Callable& given) { given(); }
    {
        return run_as_kind(number, callable);
    }
    decltype(auto) operator()()
        requires(!requires(const Callable& given) { given(); })
    {
        return run_as_kind(number, callable);
    }
};

/// A loop whose blocks, or elements where they are run one by one, are tasks of a kind.
template <class Kernel>
struct kinded_kernel {
    using accumulator = typename Kernel::accumulator;
    static constexpr bool by_element = Kernel::by_element;

    const Kernel& kernel;
    std::uint32_t number;
    const decltype(Kernel::control)& control;

    TWILL_INLINE kinded_kernel(const Kernel& loop, std::uint32_t of_number) noexcept
        : kernel(loop), number(of_number), control(loop.control) {}

    [[nodiscard]] TWILL_INLINE bool ended() const noexcept { return kernel.ended(); }
    [[nodiscard]] TWILL_INLINE std::size_t grain() const noexcept { return kernel.grain(); }
    [[nodiscard]] TWILL_INLINE accumulator start() const { return kernel.start(); }
    TWILL_INLINE void merge(accumulator& into, accumulator&& later) const {
        kernel.merge(into, std::move(later));
    }
    TWILL_INLINE void run(accumulator& total, std::size_t begin, std::size_t end) const {
        if constexpr (requires { Kernel::each_is_a_task; }) {
            for (std::size_t k = begin; k < end; ++k) {
                run_one(total, k);
            }
        } else {
            run_as_kind(number, [&] { kernel.run(total, begin, end); });
        }
    }
    TWILL_INLINE void run_one(accumulator& total, std::size_t k) const {
        run_as_kind(number, [&] { kernel.run_one(total, k); });
    }
};

} // namespace twill::inline abi_1::detail

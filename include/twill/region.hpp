// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// region: a named part of the program, and what all workers did meanwhile.

#include "twill/deadline.hpp"
#include "twill/detail/config.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {

namespace detail {

/// What a region remembers of its beginning: sums over all workers of the default runtime, those
/// of the columns in ticks and those of the kernel's run delay in nanoseconds.
struct region_start {
    std::uint64_t now;
    std::uint64_t in_verbs;
    std::uint64_t ticks[4];
    std::uint64_t delay[4];
};

/// The callback of a region's deadline, whatever its type.
struct region_callback {
    /// Calls it if the lateness, in nanoseconds, is above zero, and frees it.
    void (*end)(region_callback* self, std::int64_t late_by) noexcept;
};

template <class Callback>
struct region_callback_of final : region_callback {
    deadline<Callback> due;

    explicit region_callback_of(deadline<Callback>&& of) : due(std::move(of)) {
        end = [](region_callback* self, std::int64_t late_by) noexcept {
            auto* const one = static_cast<region_callback_of*>(self);
            if (late_by > 0) {
                one->due.call(std::chrono::nanoseconds(late_by));
            }
            delete one;
        };
    }
};

/// Null without a callback.
template <class Callback>
region_callback* keep_callback(deadline<Callback>& due) {
    if constexpr (std::is_same_v<Callback, no_callback>) {
        return nullptr;
    } else {
        return new region_callback_of<Callback>(std::move(due));
    }
}

/// A window that is open. But for the deadline the runtime writes it.
struct region_window {
    void* path;             ///< what it is added to
    const void* outer;      ///< the path that the thread was in before
    region_window* around;  ///< the one that was open on the thread before
    std::uint32_t recorded; ///< the recording that has its beginning, or 0
    region_start start;
    std::int64_t due = no_deadline; ///< nanoseconds of CLOCK_MONOTONIC
    region_callback* callback = nullptr;
};

TWILL_API TWILL_COLD void begin_region_slow(region_window& one, const char* name) noexcept;
TWILL_API TWILL_COLD void end_region_slow(region_window& one) noexcept;

} // namespace detail

/// A window of time from here to the end of the scope. Regions inside it on the same thread are its
/// children: their path is its path, a '/' and their name. twill::load() tells for each path how
/// often it was run through, for how long, and where the time of all workers went meanwhile.
///
/// On any thread, inside tasks and outside of all verbs. A task that another thread has taken
/// begins with the path that the verb was called in. The workers are those of the default runtime;
/// before its start there are none, and only the wall time counts. A window counts when it ends.
/// Windows that overlap, on two threads or one in the other, count the same worker time each for
/// itself.
///
/// There are up to 1024 paths; after that a line on stderr says so, and the rest count as
/// "(others)".
///
/// ```cpp
/// #include "twill/region.hpp"
/// std::vector<double> x(10'000, 2.0);
/// {
///     const twill::region solve{"solve"};
///     const twill::region step{"step"};
///     twill::parallel_for_each(x, [](double& element) { element = std::sqrt(element); });
/// }
/// const twill::load_window all = twill::load().since_start;
/// const twill::region_load* const steps = all.find_region("solve/step");
/// // steps->count == 1, steps->in_verbs <= steps->wall
/// ```
class [[nodiscard]] region {
public:
    /// \param name  copied at its first use; null counts as empty.
    /// No system call; about 0.1 us and 20 ns a worker, as the end. Throws nothing. Thread-safe.
    explicit region(const char* name) noexcept { detail::begin_region_slow(window_, name); }
    /// A window that is to have ended by a time. One that ends later is counted as late in its path
    /// (region_load::late), and the callback of the deadline, if it has one, is called once by the
    /// destructor, with the lateness, when the window has ended.
    /// Allocates if there is a callback: throws std::bad_alloc, and what its move throws. An
    /// exception that leaves the callback ends the program by std::terminate. One more reading of
    /// a clock at the end.
    ///
    /// ```cpp
    /// #include "twill/region.hpp"
    /// std::chrono::nanoseconds late{};
    /// {
    ///     const twill::region frame{"picture", twill::deadline(std::chrono::milliseconds(1),
    ///                                            [&late](std::chrono::nanoseconds by) { late = by;
    ///                                            })};
    ///     std::this_thread::sleep_for(std::chrono::milliseconds(3));
    /// }
    /// const twill::load_window all = twill::load().since_start;
    /// const twill::region_load* const frames = all.find_region("picture");
    /// // frames->late == 1, frames->late_sum == late, late > std::chrono::milliseconds(1)
    /// ```
    template <class Callback>
    region(const char* name, deadline<Callback> due) {
        window_.due = detail::find_due(due);
        window_.callback = detail::keep_callback(due);
        detail::begin_region_slow(window_, name);
    }
    /// On the same thread, innermost first.
    ~region() { detail::end_region_slow(window_); }
    region(const region&) = delete;
    region& operator=(const region&) = delete;

private:
    detail::region_window window_;
};

} // namespace twill::inline abi_1

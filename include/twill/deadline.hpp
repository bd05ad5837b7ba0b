// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// deadline: an option of runtime::submit and of region. What ends late is counted, and may call
/// something.

#include "twill/detail/config.hpp"
#include "twill/detail/library.hpp"
#include "twill/detail/submission.hpp"

#include <type_traits>
#include <utility>

namespace twill::inline abi_1 {

namespace detail {

/// Stands for a callback that is not given.
struct no_callback {};

} // namespace detail

/// The option `twill::deadline(time)` or `twill::deadline(time, f)`: by when something is to have
/// ended. It changes no order and stops nothing: what ends later is counted as late
/// (response_load::late, region_load::late), and `f` is called once, with the lateness, on the
/// thread that it ended on and before whoever waits for it goes on.
///
/// \tparam Callback  callable with a std::chrono::nanoseconds, copied or moved (it may be
///                   move-only). It is in the task still, so it may use verbs. An exception that
///                   leaves it ends the program by std::terminate.
///
/// A length of time counts from the making of the option. O(1).
///
/// ```cpp
/// twill::runtime rt{{.workers = 1}};
/// std::chrono::nanoseconds late{};
/// twill::future<int> slow = rt.submit(
///     [] {
///         std::this_thread::sleep_for(std::chrono::milliseconds(3));
///         return 1;
///     },
///     twill::deadline(std::chrono::milliseconds(1),
///                     [&late](std::chrono::nanoseconds by) { late = by; }));
/// const int value = slow.get();
/// const std::uint64_t missed = rt.load().since_start.response(twill::priority::normal).late;
/// // value == 1, late > std::chrono::milliseconds(1), missed == 1
/// ```
template <class Callback = detail::no_callback>
class deadline {
public:
    using clock = std::chrono::steady_clock;

    /// \param time  of std::chrono::steady_clock, the past included.
    template <class Duration>
    explicit deadline(std::chrono::time_point<clock, Duration> time, Callback callback = {})
        : time_(std::chrono::time_point_cast<clock::duration>(time)),
          callback_(std::move(callback)) {}

    /// \param time  from now on; zero or less is late at once.
    template <class Rep, class Period>
    explicit deadline(std::chrono::duration<Rep, Period> time, Callback callback = {})
        : deadline(clock::now() + std::chrono::duration_cast<clock::duration>(time),
                   std::move(callback)) {}

    /// By when it is to have ended.
    [[nodiscard]] clock::time_point time() const noexcept { return time_; }

    /// By how much the time has passed; negative before.
    [[nodiscard]] std::chrono::nanoseconds passed() const noexcept { return clock::now() - time_; }

    /// Calls the callback, if there is one.
    void call(std::chrono::nanoseconds late_by) noexcept {
        if constexpr (!std::is_same_v<Callback, detail::no_callback>) {
            callback_(late_by);
        }
    }

    /// The callback, to be moved from.
    [[nodiscard]] Callback& callback() noexcept { return callback_; }

private:
    static_assert(std::is_same_v<Callback, detail::no_callback> ||
                      std::is_invocable_v<Callback&, std::chrono::nanoseconds>,
                  "twill: the callback of a deadline takes a std::chrono::nanoseconds");

    clock::time_point time_;
    [[no_unique_address]] Callback callback_;
};

template <class Duration>
deadline(std::chrono::time_point<std::chrono::steady_clock, Duration>) -> deadline<>;
template <class Duration, class Callback>
deadline(std::chrono::time_point<std::chrono::steady_clock, Duration>, Callback)
    -> deadline<Callback>;
template <class Rep, class Period>
deadline(std::chrono::duration<Rep, Period>) -> deadline<>;
template <class Rep, class Period, class Callback>
deadline(std::chrono::duration<Rep, Period>, Callback) -> deadline<Callback>;

namespace detail {

template <class Option>
inline constexpr bool is_deadline = false;
template <class Callback>
inline constexpr bool is_deadline<deadline<Callback>> = true;

/// By when, in nanoseconds, by the one option that may tell it.
inline std::int64_t find_due() noexcept { return no_deadline; }
template <class Option, class... Options>
std::int64_t find_due(const Option& option, const Options&... options) noexcept {
    if constexpr (is_deadline<Option>) {
        return std::chrono::nanoseconds(option.time().time_since_epoch()).count();
    } else {
        return find_due(options...);
    }
}

/// The callback of it, to be moved from.
inline no_callback find_callback() noexcept { return {}; }
template <class Option, class... Options>
decltype(auto) find_callback(Option& option, Options&... options) noexcept {
    if constexpr (is_deadline<Option>) {
        return std::move(option.callback());
    } else {
        return find_callback(options...);
    }
}

/// The type of the callback of the one option that may have it.
template <class... Options>
struct callback_of {
    using type = no_callback;
};
template <class Option, class... Options>
struct callback_of<Option, Options...> : callback_of<Options...> {};
template <class Callback, class... Options>
struct callback_of<deadline<Callback>, Options...> {
    using type = Callback;
};

} // namespace detail
} // namespace twill::inline abi_1

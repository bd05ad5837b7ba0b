// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// kind: a named class of tasks, whose number, time and durations twill::load() tells.
///
/// ```cpp
/// #include "twill/kind.hpp"
/// static const twill::kind root{"square roots"};
/// const twill::load_snapshot before = twill::load();
/// std::vector<double> x(10'000, 2.0);
/// twill::parallel_for_each(x, [](double& element) { element = std::sqrt(element); }, root);
/// const twill::load_window window = twill::load() - before;
/// const twill::kind_load* const roots = window.find_kind("square roots");
/// // roots->count >= 1, roots->total <= window.total_load(), roots->errors == 0
/// ```

#include "twill/detail/config.hpp"
#include "twill/detail/kind.hpp"

#include <cstdint>

namespace twill::inline abi_1 {

/// The option `twill::kind` of every verb: its tasks are ones of this kind. A task is each callable
/// of parallel_invoke, each task of task_group::run, plan_execute, runtime::submit and
/// runtime::run, and of a loop each run of consecutive elements between two polls: single elements
/// where a loop has at most 64 of them and no grain, else blocks of about 4 us.
///
/// Kinds of the same name are the same kind, in all runtimes of the process. There are up to 254;
/// after that a line on stderr says so, and further ones count as the kind "(others)".
///
/// A task of a kind costs two readings of the clock and about 30 ns in all. A verb without the
/// option costs what it did. Copies are the same kind; an object may go before its tasks have
/// ended.
class kind {
public:
    /// The kind of this name, which is copied; null or empty: that of tasks without one,
    /// "(unnamed)". Linear in the number of kinds: make them static, or outside of loops. Throws
    /// nothing. Thread-safe, also before main().
    explicit kind(const char* name) noexcept : number_(detail::number_of_kind_slow(name)) {}

    /// Lives as long as the process. O(1).
    [[nodiscard]] const char* name() const noexcept { return detail::name_of_kind_slow(number_); }

    /// 1 to 254 in the order of the first objects; 0 for "(unnamed)" and 255 for "(others)".
    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

    friend bool operator==(kind, kind) noexcept = default;

private:
    std::uint32_t number_;
};

} // namespace twill::inline abi_1

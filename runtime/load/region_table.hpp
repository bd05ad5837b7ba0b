// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/account.hpp"
#include "load/guard.hpp"
#include "load/lateness.hpp"
#include "load/root_origin.hpp"
#include "twill/detail/atomic.hpp"
#include "twill/region.hpp"

#include <cstddef>
#include <cstdint>

namespace twill::load_model {

/// The readings of one instant, or a sum of such; `now` is the wall time.
using region_sums = detail::region_start;

/// Those of this instant: no system call, and no lock.
region_sums read_region_sums() noexcept;

/// The windows of one path, added up. Any thread, any time.
class region_path {
public:
    constexpr region_path() noexcept = default;
    constexpr region_path(const char* named, std::uint32_t numbered) noexcept
        : path(named), number(numbered) {}

    const char* path = "";
    std::uint32_t number = 0;
    lateness late{};

    void begin(const region_sums& at) noexcept;
    void end(const region_sums& from, const region_sums& at) noexcept;

    struct reading {
        std::uint64_t ended = 0; ///< windows
        std::uint64_t open = 0;  ///< likewise
        region_sums sums{};      ///< of those that have ended
    };
    [[nodiscard]] reading read() const noexcept;
    /// The sums are those of the open windows too, up to `now`.
    [[nodiscard]] reading read(const region_sums& now) const noexcept;

    /// In the child of a fork(): the windows of other threads are not here.
    void forget_open() noexcept;

private:
    mutable guard changing_;
    std::uint64_t ended_ = 0;
    std::uint64_t open_ = 0;
    region_sums ended_sums_{};
    region_sums open_since_{}; // the readings as the open windows began, added up modulo 2^64
};

/// All paths. A path is found by the one around it and a name, without a lock; it is never taken
/// out.
class region_table {
public:
    static constexpr std::uint32_t most_paths = 1024;

    /// The path of `name` inside `around`, which is null outside of all; made if there is none.
    /// Without room or memory that of "(others)", and one line for the process.
    region_path& find(const region_path* around, const char* name) noexcept;

    /// How many paths there are; their numbers are those below this, and most_paths, "(others)".
    [[nodiscard]] std::uint32_t made() const noexcept {
        return count_.load(detail::acquire); // release in add(), for the paths
    }
    /// The path of this number.
    [[nodiscard]] const char* path(std::uint32_t number) const noexcept {
        return number < most_paths ? paths_[number].load(detail::relaxed)->path : others_.path;
    }

    /// Calls `visit(path)` in the order of first use, with "(others)" last.
    template <class Visit>
    void for_each(Visit visit) {
        // acquire: pairs with the release in add(), for the paths
        const std::uint32_t last = count_.load(detail::acquire);
        for (std::uint32_t k = 0; k < last; ++k) {
            visit(*paths_[k].load(detail::relaxed));
        }
        visit(others_);
    }

    /// In the child of a fork(): nobody holds a lock, and no window is open.
    void forget_in_child() noexcept;

private:
    /// How a path is found: two of these may lead to the same, as a/b and a region "a/b" do.
    struct link {
        const region_path* around;
        const char* name;
        region_path* to;
    };
    static constexpr std::uint32_t slots = 4 * most_paths;

    [[nodiscard]] link* look_up(const region_path* around, const char* name,
                                std::uint32_t& slot) const noexcept;
    region_path* add(const region_path* around, const char* name) noexcept;

    detail::atomic<link*> links_[slots]{};
    detail::atomic<region_path*> paths_[most_paths]{};
    detail::atomic<std::uint32_t> count_{0};
    std::uint32_t links_used_ = 0; // under the lock
    guard adding_;
    detail::atomic<std::uint32_t> told_{0};
    region_path others_{"(others)", most_paths};
};

/// Those of the process.
region_table& regions() noexcept;

} // namespace twill::load_model

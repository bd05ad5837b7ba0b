// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// What the causes have in common: the figures of a profile as numbers to compute with, the time
/// of each region without that of the regions inside, and words for numbers.

#include "verdict/verdict.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twill::profile {

/// A stretch of the program.
struct stretch {
    double wall = 0;
    double outside = 0; ///< of that, while no verb ran
    double useful = 0;
    double dispatch = 0;
    double starved = 0;
    double preempted = 0;
};

/// A region, with and without the regions inside it. The one without a name is what no region
/// covers.
struct own_region {
    std::string name;
    double count = 0;
    stretch whole;
    stretch own;
};

/// `outer` is a region around `inner`: a path that begins with it.
bool contains(std::string_view outer, std::string_view inner) noexcept;

/// All in nanoseconds, as floating-point numbers.
struct figures {
    const profile& of;
    accounts_of_time where;
    double m = 1; ///< workers that may work at the same time
    double wall = 0;
    double in_verbs = 0;
    double useful = 0;
    double dispatch = 0;
    double starved = 0;
    double preempted = 0;
    double cores = 0; ///< what the machine and the quota carry; 0 if not known
    std::vector<own_region> regions;

    explicit figures(const profile& source);

    /// What part of the wall time is saved by `core_time` that all m workers can use instead.
    [[nodiscard]] double saved(double core_time) const noexcept;
    /// The region in which most workers starved if it has the larger part of that, or else "".
    [[nodiscard]] std::string starved_region() const;
};

/// Useful time of no kind is one too, under this name: what is in it has no name to point to.
inline constexpr std::string_view unnamed_kind = "(unnamed)";
/// What all workers did for one kind.
kind_on_worker total_of(const kind& of);

/// Which of worker::counts has this name; absent in a file that was written before there was one.
std::optional<std::size_t> column_of(const profile& of, std::string_view count);
/// A column of counts added up; the largest number if the sum is more, as in a made-up file.
std::uint64_t total_of(const std::vector<worker>& workers, std::size_t column) noexcept;

/// Nanoseconds as 1.27 s, 350 ms, 48 ns: three digits.
std::string time_text(double time);
/// 12.3 million, 4000.
std::string count_text(double count);
/// 31 % or 4.5 %.
std::string percent_text(double part);
/// `region "name"` as a terminal can show it, or the other words if there is no name.
std::string named(std::string_view what, const std::string& name, std::string_view otherwise);

/// The starvation, of which each cause takes what it explains, once.
class starvation {
public:
    explicit starvation(double core_time) noexcept : rest_(core_time) {}
    /// Takes at most `core_time` and returns what there was.
    double take(double core_time) noexcept {
        const double taken = std::clamp(core_time, 0.0, rest_);
        rest_ -= taken;
        return taken;
    }
    [[nodiscard]] double rest() const noexcept { return rest_; }

private:
    double rest_;
};

using findings = std::vector<finding>;

// The causes, in the order in which judge() asks them, the most specific first. Each appends what
// it finds, if anything.
void find_serial_sections(const figures& from, starvation& starved, findings& found);
void find_fine_tasks(const figures& from, starvation& starved, findings& found);
void find_huge_tasks(const figures& from, starvation& starved, findings& found);
void find_preemption(const figures& from, starvation& starved, findings& found);
void find_coarse_tasks(const figures& from, starvation& starved, findings& found);
void find_imbalance(const figures& from, starvation& starved, findings& found);
void find_little_parallelism(const figures& from, starvation& starved, findings& found);
void find_blocking(const figures& from, findings& found);
void find_too_many_workers(const figures& from, findings& found);
void find_inflation(const figures& from, const profile& base, findings& found);

} // namespace twill::profile

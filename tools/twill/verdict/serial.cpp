// SPDX-License-Identifier: Apache-2.0
// Sections in which one thread works while the others have nothing to do.
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace twill::profile {

namespace {

/// Where a region inside has this part of what is serial in the outer one, it is to be named.
constexpr double most_of_it = 0.8;

/// What of a stretch is serial, and the work in that part.
struct part {
    double wall = 0;
    double work = 0;
    double starved = 0;
    bool whole = false; ///< all of the stretch
};

part serial_part(const stretch& one) {
    if (load_model::is_serial(one.wall, one.outside, one.useful + one.dispatch + one.preempted)) {
        return {one.wall, one.outside + one.useful, one.starved, true};
    }
    return {one.outside, one.outside, 0, false};
}

/// The serial parts by region, none of them twice: a region that is serial as a whole has those of
/// the regions inside, unless one of these has nearly all of it.
std::vector<std::pair<const own_region*, part>> serial_parts(const figures& from) {
    std::vector<std::pair<const own_region*, part>> result;
    std::vector<const own_region*> sorted;
    sorted.reserve(from.regions.size());
    for (const own_region& one : from.regions) {
        sorted.push_back(&one);
    }
    // The outer before the inner.
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* one, const auto* other) { return one->name < other->name; });
    std::vector<std::string_view> covered;
    for (const own_region* const one : sorted) {
        if (std::any_of(covered.begin(), covered.end(),
                        [&](std::string_view outer) { return contains(outer, one->name); })) {
            continue;
        }
        const part whole = serial_part(one->whole);
        const bool inner_is_most =
            std::any_of(sorted.begin(), sorted.end(), [&](const own_region* inner) {
                return contains(one->name, inner->name) &&
                       serial_part(inner->whole).wall >= most_of_it * whole.wall;
            });
        if (whole.whole && !inner_is_most) {
            covered.push_back(one->name);
            result.emplace_back(one, whole);
        } else {
            result.emplace_back(one, serial_part(one->own));
        }
    }
    return result;
}

} // namespace

void find_serial_sections(const figures& from, starvation& starved, findings& found) {
    if (from.m < 2 || from.wall <= 0) {
        return;
    }
    const bool no_regions = from.regions.size() == 1;
    for (const auto& [one, serial] : serial_parts(from)) {
        // Windows of one region that overlap have more wall time than the program.
        const double saved =
            std::clamp((serial.wall - serial.work / from.m) / from.wall, 0.0, 1 - 1 / from.m);
        if (saved <= 0) {
            continue;
        }
        const bool inside = serial.whole && one->whole.wall > 2 * one->whole.outside;
        finding made;
        made.what = cause::serial_section;
        made.subject = one->name;
        made.gain = saved;
        made.starved = static_cast<nanoseconds>(starved.take(serial.starved));
        made.seen = fmt::format(
            "{} takes {} of {} wall time, {}, and about one of {} workers is useful there",
            named("region", one->name,
                  no_regions ? "the code between verbs" : "code that no region covers"),
            time_text(serial.wall), time_text(from.wall),
            inside ? "inside verbs for the larger part" : "while no verb runs", from.m);
        made.change =
            one->name.empty() && no_regions
                ? "bring that code into verbs; put twill::region around its parts to learn which"
                : "bring its work into verbs (parallel_for, parallel_invoke), or let it run beside "
                  "other work";
        made.formula = fmt::format("1 - W'/W with W' = W - {} + {}/{}, its work on all workers",
                                   time_text(serial.wall), time_text(serial.work), from.m);
        found.push_back(std::move(made));
    }
}

} // namespace twill::profile

// SPDX-License-Identifier: Apache-2.0
#include "load/region_load.hpp"

#include "load/region_table.hpp"
#include "load/ticks.hpp"
#include "load/units.hpp"

#include <algorithm>
#include <cstring>

namespace twill::load_model {

namespace {

using duration = region_load::duration;

duration length(std::uint64_t ticks) noexcept { return duration(nanoseconds(ticks)); }

region_load row_of(const region_path& path, const region_path::reading& from, bool delay_known) {
    region_load result;
    result.path = path.path;
    result.count = from.ended;
    result.wall = length(from.sums.now);
    result.in_verbs = std::min(length(from.sums.in_verbs), result.wall);
    result.late = path.late.count();
    result.late_sum = duration(static_cast<std::int64_t>(path.late.sum()));
    duration columns[activity_count];
    duration preempted{};
    for (std::size_t each = 0; each < activity_count; ++each) {
        columns[each] = length(from.sums.ticks[each]);
        result.all.open += columns[each];
        const duration delay =
            std::min(duration(static_cast<std::int64_t>(from.sums.delay[each])), columns[each]);
        columns[each] -= delay;
        preempted += delay;
    }
    result.all.useful = columns[index(activity::useful)];
    result.all.dispatch = columns[index(activity::dispatch)];
    result.all.search = columns[index(activity::search)];
    result.all.parked = columns[index(activity::parked)];
    if (delay_known) {
        result.all.preempted = preempted;
    }
    return result;
}

} // namespace

std::vector<region_load> read_regions(bool delay_known, open_windows open) {
    std::vector<region_load> result;
    const bool with_open = open != open_windows::left_out;
    const region_sums now = with_open ? read_region_sums() : region_sums{};
    regions().for_each([&](const region_path& path) {
        const region_path::reading from = with_open ? path.read(now) : path.read();
        if (from.ended != 0 || (with_open && from.open != 0)) {
            result.push_back(row_of(path, from, delay_known));
            result.back().count += open == open_windows::counted ? from.open : 0;
        }
    });
    return result;
}

std::vector<region_load> difference(const std::vector<region_load>& after,
                                    const std::vector<region_load>& before) {
    std::vector<region_load> result;
    for (region_load one : after) {
        const auto same =
            std::find_if(before.begin(), before.end(), [&one](const region_load& other) {
                return std::strcmp(one.path, other.path) == 0;
            });
        if (same != before.end()) {
            const worker_load& early = same->all;
            one.count -= std::min(one.count, same->count);
            one.late -= std::min(one.late, same->late);
            one.late_sum = not_below_zero(one.late_sum - same->late_sum);
            one.wall = not_below_zero(one.wall - same->wall);
            one.in_verbs = std::min(not_below_zero(one.in_verbs - same->in_verbs), one.wall);
            one.all.useful = not_below_zero(one.all.useful - early.useful);
            one.all.dispatch = not_below_zero(one.all.dispatch - early.dispatch);
            one.all.search = not_below_zero(one.all.search - early.search);
            one.all.parked = not_below_zero(one.all.parked - early.parked);
            if (one.all.preempted) {
                one.all.preempted =
                    not_below_zero(*one.all.preempted - early.preempted.value_or(duration{}));
            }
            one.all.open = one.all.useful + one.all.dispatch + one.all.search + one.all.parked +
                           one.all.preempted.value_or(duration{});
        }
        if (one.count != 0) {
            result.push_back(one);
        }
    }
    return result;
}

} // namespace twill::load_model

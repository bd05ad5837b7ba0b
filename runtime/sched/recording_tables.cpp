// SPDX-License-Identifier: Apache-2.0
#include "load/all_runtimes.hpp"
#include "load/histogram.hpp"
#include "load/kind_names.hpp"
#include "load/region_table.hpp"
#include "sched/recording.hpp"

#include <algorithm>
#include <cmath>

namespace twill::sched {

namespace {

trace::histogram histogram_of(const duration_histogram& from) {
    trace::histogram to;
    // The narrowest buckets are less than a nanosecond wide: those with the same end are one.
    const auto add = [&](std::size_t bucket, std::uint64_t count) {
        const auto end = static_cast<double>(load_model::histogram::begin_of(bucket + 1));
        const std::int64_t upper = std::llround(end * from.unit);
        if (to.upper.empty() || to.upper.back() < upper) {
            to.upper.push_back(upper);
            to.count.push_back(count);
        } else {
            to.count.back() += count;
        }
    };
    for (std::size_t bucket = 0; bucket < from.counts.size(); ++bucket) {
        if (from.counts[bucket] == 0) {
            continue;
        }
        // Buckets without a length are one, whose end is where this one begins.
        if (bucket > 0 && from.counts[bucket - 1] == 0) {
            add(bucket - 1, 0);
        }
        add(bucket, from.counts[bucket]);
    }
    return to;
}

} // namespace

trace::thread_table threads_of(const load_window& window) {
    trace::thread_table table;
    for (const thread_load& from : window.threads) {
        table.threads.push_back({from.number, from.from_outside ? 1U : 0U, from.system_id,
                                 from.blocked.count(), from.blocks});
    }
    return table;
}

trace::kind_table kinds_of(const load_window& window) {
    trace::kind_table table;
    for (const kind_load& from : window.kinds) {
        trace::kind& to = table.kinds.emplace_back();
        to.name = from.name;
        for (const kind_on_worker& worker : from.workers) {
            to.workers.push_back({worker.count, worker.total.count()});
        }
        to.errors = from.errors;
        to.longest = from.longest.count();
        to.sampled = histogram_of(from.lengths);
        to.asleep = from.asleep.count();
    }
    return table;
}

trace::region_table regions_of(const load_window& window) {
    trace::region_table table;
    for (const region_load& from : window.regions) {
        trace::region& to = table.regions.emplace_back();
        to.name = from.path;
        to.count = from.count;
        to.wall = from.wall.count();
        to.in_verbs = from.in_verbs.count();
        to.all = columns_of(from.all);
        to.late = from.late;
        to.late_sum = from.late_sum.count();
    }
    return table;
}

// The two that stand for all without a number of their own come first of all.
trace::name_table new_names::take() {
    trace::name_table result;
    const load_model::region_table& regions = load_model::regions();
    if (kinds_ == 0) {
        const std::uint32_t others = load_model::other_kinds;
        result.kinds.push_back({others, load_model::name_of_kind(others)});
        const std::uint32_t other_regions = load_model::region_table::most_paths;
        result.regions.push_back({other_regions, regions.path(other_regions)});
    }
    const std::uint32_t kinds = load_model::kinds_made() + 1;
    for (std::uint32_t k = std::max(kinds_, 1U); k < kinds; ++k) {
        result.kinds.push_back({k, load_model::name_of_kind(k)});
    }
    const std::uint32_t paths = regions.made();
    for (std::uint32_t k = regions_; k < paths; ++k) {
        result.regions.push_back({k, regions.path(k)});
    }
    kinds_ = kinds;
    regions_ = paths;
    return result;
}

bool new_names::any() const noexcept {
    return kinds_ <= load_model::kinds_made() || regions_ < load_model::regions().made();
}

trace::runtime_table recorded_runtimes(record_mode mode) {
    trace::runtime_table table;
    for (const load_model::runtime_load& from : load_model::recorded_runtimes()) {
        trace::runtime& to = table.runtimes.emplace_back();
        to.number = from.number;
        to.name = from.name;
        to.total = accounts_of(from.window);
        if (mode != record_mode::counters) {
            to.kinds = kinds_of(from.window).kinds;
        }
    }
    return table;
}

trace::response_table responses_of(const load_window& window) {
    trace::response_table table;
    for (const response_load& from : window.responses) {
        table.by_priority.push_back({from.count, from.longest.count(), from.late,
                                     histogram_of(from.times), from.sum.count(),
                                     from.late_sum.count(), from.errors});
    }
    return table;
}

trace::hardware hardware_of(const load_window& window) {
    trace::hardware result;
    for (const worker_load& from : window.workers) {
        result.workers.push_back({from.cycles, from.instructions, from.cache_misses});
    }
    const auto reason = [](const char* why) { return std::string(why != nullptr ? why : ""); };
    result.counters_absent = reason(window.counters_absent);
    result.joules_absent = reason(window.joules_absent);
    return result;
}

} // namespace twill::sched

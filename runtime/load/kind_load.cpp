// SPDX-License-Identifier: Apache-2.0
#include "load/kind_load.hpp"

#include "load/kind_table.hpp"
#include "load/ticks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace twill::load_model {

namespace {

using duration = kind_load::duration;

constexpr duration zero{};

/// Adds what one worker has of a kind.
void add_worker(kind_load& to, std::size_t worker, const kind_table& from, std::uint32_t number,
                std::uint64_t now, std::uint64_t delayed, const timescale& scale) {
    const kind_reading reading = from.read(number, now, delayed);
    kind_on_worker& here = to.workers[worker];
    here.total = std::max(
        scale.of(reading.ticks) - duration(static_cast<std::int64_t>(reading.delay)), zero);
    to.errors += reading.errors;
    to.asleep += duration(static_cast<std::int64_t>(reading.asleep));
    to.longest = std::max(to.longest, scale.of(reading.longest));
    if (const histogram* const lengths = from.lengths(number); lengths != nullptr) {
        here.count = add_counts(to.lengths, *lengths);
        to.count += here.count;
    }
}

/// A kind is read a moment after its place, so the kinds together may have a microsecond more than
/// the place: the largest gives it back. What is in no kind is what is left of the useful time.
void settle_with(const std::vector<worker_load>& workers, kind_load& unnamed,
                 std::vector<kind_load>& named) {
    for (std::size_t worker = 0; worker < workers.size(); ++worker) {
        duration left = workers[worker].useful;
        for (const kind_load& one : named) {
            left -= one.workers[worker].total;
        }
        while (left < zero && !named.empty()) {
            duration& most =
                std::max_element(named.begin(), named.end(),
                                 [worker](const kind_load& a, const kind_load& b) {
                                     return a.workers[worker].total < b.workers[worker].total;
                                 })
                    ->workers[worker]
                    .total;
            if (most == zero) {
                break;
            }
            const duration given = std::min(most, -left);
            most -= given;
            left += given;
        }
        unnamed.workers[worker].total = std::max(left, zero);
    }
    for (kind_load& one : named) {
        one.total = zero;
        for (const kind_on_worker& here : one.workers) {
            one.total += here.total;
        }
    }
    for (const kind_on_worker& here : unnamed.workers) {
        unnamed.total += here.total;
    }
}

std::vector<kind_load> with_unnamed(std::vector<kind_load> named,
                                    const std::vector<worker_load>& workers) {
    if (named.empty()) {
        return named;
    }
    kind_load unnamed;
    unnamed.name = name_of_kind(unnamed_kind);
    unnamed.workers.resize(workers.size());
    settle_with(workers, unnamed, named);
    named.insert(named.begin(), std::move(unnamed));
    return named;
}

bool is_used(const kind_load& one) noexcept {
    return one.count != 0 ||
           std::any_of(one.workers.begin(), one.workers.end(),
                       [](const kind_on_worker& here) { return here.total > zero; });
}

} // namespace

std::uint64_t add_counts(duration_histogram& to, const histogram& from) {
    std::uint64_t sum = 0;
    for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket) {
        if (const std::uint64_t n = from.count(bucket); n > 0) {
            to.counts.resize(std::max(to.counts.size(), bucket + 1));
            to.counts[bucket] += n;
            sum += n;
        }
    }
    return sum;
}

void take_out(duration_histogram& from, const duration_histogram& earlier) noexcept {
    std::vector<std::uint64_t>& counts = from.counts;
    for (std::size_t b = 0; b < std::min(counts.size(), earlier.counts.size()); ++b) {
        counts[b] -= std::min(counts[b], earlier.counts[b]);
    }
    while (!counts.empty() && counts.back() == 0) {
        counts.pop_back();
    }
}

std::vector<kind_load> read_kinds(const load_source& source, std::uint64_t now,
                                  const timescale& scale, const std::vector<worker_load>& workers,
                                  const std::vector<duration>& pending) {
    std::vector<kind_load> named;
    std::vector<const kind_table*> tables;
    bool any = false;
    for (int k = 0; k < source.workers(); ++k) {
        tables.push_back(source.place(k).kinds());
        any = any || tables.back() != nullptr;
    }
    for (std::uint32_t number = 1; any && number < kind_numbers; ++number) {
        if (number > kinds_made() && number != other_kinds) {
            continue;
        }
        kind_load one;
        one.name = name_of_kind(number);
        one.workers.resize(workers.size());
        one.lengths.unit = scale.nanoseconds_per_tick();
        for (std::size_t worker = 0; worker < tables.size(); ++worker) {
            if (tables[worker] != nullptr) {
                const std::uint64_t delayed =
                    source.place(static_cast<int>(worker)).delayed(activity::useful) +
                    static_cast<std::uint64_t>(pending[worker].count());
                add_worker(one, worker, *tables[worker], number, now, delayed, scale);
            }
        }
        if (is_used(one)) {
            named.push_back(std::move(one));
        }
    }
    return with_unnamed(std::move(named), workers);
}

std::vector<kind_load> difference(const std::vector<kind_load>& after,
                                  const std::vector<kind_load>& before,
                                  const std::vector<worker_load>& workers) {
    std::vector<kind_load> named;
    for (std::size_t k = 1; k < after.size(); ++k) {
        kind_load one = after[k];
        const auto same =
            std::find_if(before.begin(), before.end(), [&one](const kind_load& other) {
                return std::strcmp(one.name, other.name) == 0;
            });
        if (same != before.end()) {
            const kind_load& early = *same;
            one.count = 0;
            for (std::size_t w = 0; w < std::min(one.workers.size(), early.workers.size()); ++w) {
                kind_on_worker& here = one.workers[w];
                here.count -= std::min(here.count, early.workers[w].count);
                here.total = std::max(here.total - early.workers[w].total, zero);
            }
            for (const kind_on_worker& here : one.workers) {
                one.count += here.count;
            }
            one.errors -= std::min(one.errors, early.errors);
            one.asleep -= std::min(one.asleep, early.asleep);
            take_out(one.lengths, early.lengths);
            const std::vector<std::uint64_t>& counts = one.lengths.counts;
            if (one.longest <= early.longest) {
                const auto end = static_cast<double>(histogram::begin_of(counts.size()));
                const duration upper(std::llround(counts.empty() ? 0 : end * one.lengths.unit));
                one.longest = std::min(one.longest, upper);
            }
        }
        if (is_used(one)) {
            named.push_back(std::move(one));
        }
    }
    return with_unnamed(std::move(named), workers);
}

} // namespace twill::load_model

namespace twill::inline abi_1 {

// The middle of the bucket that the task of this rank is in.
duration_histogram::duration duration_histogram::percentile(double p) const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t n : counts) {
        all += n;
    }
    const double share = p > 0 ? std::min(p, 1.0) : 0;
    const double rank = std::max(std::ceil(share * static_cast<double>(all)), 1.0);
    std::uint64_t so_far = 0;
    for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) {
        so_far += counts[bucket];
        if (counts[bucket] != 0 && static_cast<double>(so_far) >= rank) {
            const auto begin = static_cast<double>(load_model::histogram::begin_of(bucket));
            const auto end = static_cast<double>(load_model::histogram::begin_of(bucket + 1));
            return duration(std::llround((begin + end - 1) / 2 * unit)); // of begin to end - 1
        }
    }
    return {};
}

kind_load::duration kind_load::mean() const noexcept {
    return count == 0 ? duration{} : total / static_cast<std::int64_t>(count);
}

const kind_load* load_window::find_kind(const char* name) const noexcept {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [name](const kind_load& one) {
        return std::strcmp(one.name, name) == 0;
    });
    return found == kinds.end() ? nullptr : &*found;
}

const region_load* load_window::find_region(const char* path) const noexcept {
    const auto found = std::find_if(regions.begin(), regions.end(), [path](const region_load& one) {
        return std::strcmp(one.path, path) == 0;
    });
    return found == regions.end() ? nullptr : &*found;
}

} // namespace twill::inline abi_1

// SPDX-License-Identifier: Apache-2.0
#include "load/responses.hpp"

#include "load/kind_load.hpp"
#include "load/ticks.hpp"
#include "os/clock.hpp"
#include "twill/detail/submission.hpp"

#include <algorithm>
#include <numeric>

namespace twill::load_model {

namespace {

void raise(detail::atomic<std::uint64_t>& longest, std::uint64_t to) noexcept {
    std::uint64_t seen = longest.load(detail::relaxed);
    while (seen < to &&
           !longest.compare_exchange_weak(seen, to, detail::relaxed, detail::relaxed)) {
    }
}

} // namespace

std::int64_t response_table::ended(std::uint32_t level, std::uint64_t submitted_at,
                                   std::int64_t due, bool failed) noexcept {
    const std::int64_t took = nanoseconds(ticks_between(submitted_at, os::ticks()));
    const std::int64_t late_by = due == detail::no_deadline ? 0 : os::monotonic_nanoseconds() - due;
    add(level, static_cast<std::uint64_t>(took), late_by, failed);
    return late_by;
}

void response_table::add(std::uint32_t level, std::uint64_t took, std::int64_t late_by,
                         bool failed) noexcept {
    row& of = rows_[level];
    of.times.add(took);
    of.sum.fetch_add(took, detail::relaxed);
    of.late.add(late_by);
    if (failed) {
        of.errors.fetch_add(1, detail::relaxed);
    }
    raise(of.longest, took);
}

// The counts last: read() takes them first, and a sum has at least what they have.
void response_table::add(const response_table& other) noexcept {
    for (std::uint32_t level = 0; level < levels; ++level) {
        const row& from = other.rows_[level];
        row& to = rows_[level];
        std::uint64_t counts[histogram::buckets];
        for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket) {
            counts[bucket] = from.times.count(bucket);
        }
        to.sum.fetch_add(from.sum.load(detail::relaxed), detail::relaxed);
        to.errors.fetch_add(from.errors.load(detail::relaxed), detail::relaxed);
        to.late.add(from.late);
        raise(to.longest, from.longest.load(detail::relaxed));
        for (std::size_t bucket = 0; bucket < histogram::buckets; ++bucket) {
            if (counts[bucket] != 0) {
                to.times.add_to(bucket, counts[bucket]);
            }
        }
    }
}

std::vector<response_load> response_table::read() const {
    std::vector<response_load> read(levels);
    bool any = false;
    for (std::uint32_t level = 0; level < levels; ++level) {
        const row& from = rows_[level];
        response_load& to = read[level];
        to.level = static_cast<priority>(level);
        // The counts first: a sum has at least what they have.
        to.count = add_counts(to.times, from.times);
        if (to.count == 0) {
            continue;
        }
        any = true;
        to.times.unit = 1;
        to.sum = response_load::duration(static_cast<std::int64_t>(from.sum.load(detail::relaxed)));
        to.longest =
            response_load::duration(static_cast<std::int64_t>(from.longest.load(detail::relaxed)));
        to.late = from.late.count();
        to.late_sum = response_load::duration(static_cast<std::int64_t>(from.late.sum()));
        to.errors = from.errors.load(detail::relaxed);
    }
    if (!any) {
        read.clear();
    }
    return read;
}

} // namespace twill::load_model

namespace twill::inline abi_1 {

namespace {

using duration = response_load::duration;

} // namespace

duration response_load::mean() const noexcept {
    return count == 0 ? duration{} : sum / static_cast<std::int64_t>(count);
}

duration response_load::percentile(double p) const noexcept {
    return std::min(longest, times.percentile(p));
}

response_load operator-(const response_load& after, const response_load& before) {
    const auto less = [](auto all, auto earlier) { return all - std::min(all, earlier); };
    response_load result;
    result.level = after.level;
    result.times = after.times;
    load_model::take_out(result.times, before.times);
    result.count =
        std::accumulate(result.times.counts.begin(), result.times.counts.end(), std::uint64_t{0});
    if (result.count == 0) {
        return result;
    }
    result.sum = less(after.sum, before.sum);
    result.late = less(after.late, before.late);
    result.late_sum = less(after.late_sum, before.late_sum);
    result.errors = less(after.errors, before.errors);
    result.longest = after.longest;
    if (after.longest == before.longest) { // that one was earlier
        result.longest = result.percentile(1);
    }
    return result;
}

} // namespace twill::inline abi_1

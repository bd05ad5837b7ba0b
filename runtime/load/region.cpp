// SPDX-License-Identifier: Apache-2.0
#include "load/region.hpp"

#include "load/source.hpp"
#include "load/ticks.hpp"
#include "os/clock.hpp"

#include <cstddef>
#include <mutex>
#include <new>

namespace twill::load_model {

constinit thread_local detail::region_window* innermost_window = nullptr;

namespace {

/// Calls `each(to's field, from's field)`.
template <class Each>
void for_fields(region_sums& to, const region_sums& from, Each each) noexcept {
    each(to.now, from.now);
    each(to.in_verbs, from.in_verbs);
    for (std::size_t k = 0; k < activity_count; ++k) {
        each(to.ticks[k], from.ticks[k]);
        each(to.delay[k], from.delay[k]);
    }
}

constexpr auto add = [](std::uint64_t& to, std::uint64_t from) { to += from; };
constexpr auto take_off = [](std::uint64_t& to, std::uint64_t from) { to -= from; };

} // namespace

// All places at one instant, from their accounts alone.
region_sums read_region_sums() noexcept {
    region_sums sums{};
    const load_source* const source = registered_source_quick();
    sums.now = os::ticks();
    if (source == nullptr) {
        return sums;
    }
    sums.in_verbs = source->inside_verbs(sums.now);
    for (int k = 0; k < source->workers(); ++k) {
        place_activities one = source->place(k).activities();
        one.extend_to(sums.now);
        for (std::size_t each = 0; each < activity_count; ++each) {
            sums.ticks[each] += one.ticks[each];
            sums.delay[each] += source->place(k).delayed(static_cast<activity>(each));
        }
    }
    return sums;
}

void region_path::begin(const region_sums& at) noexcept {
    const std::lock_guard locked(changing_);
    ++open_;
    for_fields(open_since_, at, add);
}

void region_path::end(const region_sums& from, const region_sums& at) noexcept {
    region_sums length = at;
    for_fields(length, from, [](std::uint64_t& until, std::uint64_t since) {
        until = ticks_between(since, until);
    });
    const std::lock_guard locked(changing_);
    if (open_ != 0) { // in the child of a fork() it may not be
        --open_;
        for_fields(open_since_, from, take_off);
    }
    ++ended_;
    for_fields(ended_sums_, length, add);
}

region_path::reading region_path::read() const noexcept {
    const std::lock_guard locked(changing_);
    return {ended_, open_, ended_sums_};
}

// Each open window has come so far from where it began. One that began after `now` was read makes
// the sum smaller by what lies between, and never less than nothing.
region_path::reading region_path::read(const region_sums& now) const noexcept {
    const std::lock_guard locked(changing_);
    reading result{ended_, open_, ended_sums_};
    region_sums so_far = now;
    for_fields(so_far, open_since_, [this](std::uint64_t& value, std::uint64_t began) {
        value = open_ * value - began;
        value = static_cast<std::int64_t>(value) < 0 ? 0 : value;
    });
    for_fields(result.sums, so_far, add);
    return result;
}

void region_path::forget_open() noexcept {
    new (&changing_) guard;
    open_ = 0;
    open_since_ = {};
}

void begin_region(detail::region_window& one, const char* name) noexcept {
    region_path& path = regions().find(current_region, name == nullptr ? "" : name);
    one.outer = current_region;
    one.path = &path;
    one.around = innermost_window;
    one.recorded = 0;
    current_region = &path;
    innermost_window = &one;
    one.start = read_region_sums();
    path.begin(one.start);
}

void end_region(detail::region_window& one) noexcept {
    auto& path = *static_cast<region_path*>(one.path);
    path.end(one.start, read_region_sums());
    const std::int64_t late_by =
        one.due == detail::no_deadline ? 0 : os::monotonic_nanoseconds() - one.due;
    path.late.add(late_by);
    innermost_window = one.around;
    current_region = static_cast<const region_path*>(one.outer);
    if (one.callback != nullptr) {
        one.callback->end(one.callback, late_by); // the user's; the window has ended
    }
}

// The calling thread's windows go on.
void forget_regions_in_child() noexcept {
    regions().forget_in_child();
    for (detail::region_window* one = innermost_window; one != nullptr; one = one->around) {
        static_cast<region_path*>(one->path)->begin(one->start);
    }
}

} // namespace twill::load_model

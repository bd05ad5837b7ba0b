// SPDX-License-Identifier: Apache-2.0
#include "verdict/figures.hpp"

#include "load/lost_time.hpp"
#include "plan_file/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace twill::profile {

namespace {

/// A region put on or taken off.
void add(stretch& to, const region& other, double sign) {
    to.wall += sign * static_cast<double>(other.wall);
    to.outside += sign * static_cast<double>(other.wall - other.in_verbs);
    to.useful += sign * static_cast<double>(other.all.useful);
    to.dispatch += sign * static_cast<double>(other.all.dispatch);
    to.starved += sign * static_cast<double>(other.all.search + other.all.parked);
    to.preempted += sign * static_cast<double>(other.all.preempted.value_or(0));
}

/// The path of the region around this one; "" if it is outermost.
std::string_view around(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

/// What is parked outside of verbs or above the limit starves nobody.
void settle(stretch& one, const accounts_of_time& where) {
    const double m = where.awake;
    one.wall = std::max(one.wall, 0.0);
    one.outside = std::clamp(one.outside, 0.0, one.wall);
    one.useful = std::max(one.useful, 0.0);
    one.dispatch = std::max(one.dispatch, 0.0);
    one.preempted = std::max(one.preempted, 0.0);
    const double parked = m * one.outside + (where.workers - m) * one.wall;
    one.starved = std::max(one.starved - parked, 0.0);
}

std::vector<own_region> own_regions(const profile& of, const accounts_of_time& where) {
    std::vector<own_region> result;
    result.reserve(of.regions.size() + 1);
    own_region rest;
    rest.count = 1;
    rest.own.wall = static_cast<double>(where.wall);
    rest.own.outside = static_cast<double>(where.wall - where.in_verbs);
    rest.own.useful = static_cast<double>(where.useful);
    rest.own.dispatch = static_cast<double>(where.dispatch);
    rest.own.preempted = static_cast<double>(where.preempted);
    rest.own.starved = static_cast<double>(where.starved + where.serial + where.capped);
    for (const region& one : of.regions) {
        own_region made;
        made.name = one.name;
        made.count = static_cast<double>(one.count);
        add(made.whole, one, 1);
        made.own = made.whole;
        bool outermost = true;
        for (const region& other : of.regions) {
            if (around(other.name) == one.name) {
                add(made.own, other, -1);
            }
            outermost = outermost && around(one.name) != other.name;
        }
        if (outermost) {
            add(rest.own, one, -1);
        }
        settle(made.whole, where);
        settle(made.own, where);
        result.push_back(std::move(made));
    }
    settle(rest.own, where);
    rest.whole = rest.own;
    result.push_back(std::move(rest));
    return result;
}

} // namespace

bool contains(std::string_view outer, std::string_view inner) noexcept {
    return !outer.empty() && inner.size() > outer.size() && inner.starts_with(outer) &&
           inner[outer.size()] == '/';
}

accounts_of_time where_time_went(const accounts& total) {
    accounts_of_time result;
    result.workers = static_cast<int>(total.workers.size());
    result.wall = total.wall;
    result.in_verbs = std::clamp<nanoseconds>(total.in_verbs, 0, total.wall);
    nanoseconds parked = 0;
    nanoseconds search = 0;
    for (const worker& one : total.workers) {
        result.capacity += one.open;
        result.useful += one.useful;
        result.dispatch += one.dispatch;
        result.preempted += one.preempted.value_or(0);
        result.preempted_known = result.preempted_known && one.preempted.has_value();
        parked += one.parked;
        search += one.search;
    }
    const load_model::idle_time idle = load_model::tell_idle_time(
        result.workers, total.awake_limit, result.wall, result.in_verbs, parked, search);
    result.awake = idle.awake;
    result.capped = idle.capped;
    result.serial = idle.serial;
    result.starved = idle.starved;
    return result;
}

figures::figures(const profile& source)
    : of(source), where(where_time_went(source.total)), m(std::max(where.awake, 1)),
      wall(static_cast<double>(where.wall)), in_verbs(static_cast<double>(where.in_verbs)),
      useful(static_cast<double>(where.useful)), dispatch(static_cast<double>(where.dispatch)),
      starved(static_cast<double>(where.starved)), preempted(static_cast<double>(where.preempted)),
      cores(source.cores), regions(own_regions(source, where)) {
    if (source.quota && (cores <= 0 || *source.quota < cores)) {
        cores = *source.quota;
    }
}

double figures::saved(double core_time) const noexcept {
    return wall > 0 ? std::clamp(core_time / (m * wall), 0.0, 1.0) : 0;
}

std::string figures::starved_region() const {
    const auto most = std::max_element(regions.begin(), regions.end(),
                                       [](const own_region& one, const own_region& other) {
                                           return one.own.starved < other.own.starved;
                                       });
    return most->own.starved > starved / 2 ? most->name : std::string();
}

kind_on_worker total_of(const kind& of) {
    kind_on_worker sum;
    for (const kind_on_worker& part : of.workers) {
        sum.count += part.count;
        sum.total += part.total;
    }
    return sum;
}

std::optional<std::size_t> column_of(const profile& of, std::string_view count) {
    const auto at = std::find(of.counts.begin(), of.counts.end(), count);
    return at == of.counts.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(std::distance(of.counts.begin(), at)));
}

std::uint64_t total_of(const std::vector<worker>& workers, std::size_t column) noexcept {
    std::uint64_t sum = 0;
    for (const worker& one : workers) {
        const std::uint64_t count = column < one.counts.size() ? one.counts[column] : 0;
        sum += std::min(count, std::numeric_limits<std::uint64_t>::max() - sum);
    }
    return sum;
}

std::string time_text(double time) {
    constexpr double thousand = 1000;
    constexpr const char* units[] = {"ns", "us", "ms", "s"};
    std::size_t unit = 0;
    // 999.5 would be shown as 1000.
    while (unit + 1 < std::size(units) && std::abs(time) >= thousand - 0.5) {
        time /= thousand;
        ++unit;
    }
    const double size = std::abs(time);
    const int digits = unit == 0 && size == std::floor(size) ? 0
                       : size < 9.995                        ? 2
                       : size < 99.95                        ? 1
                                                             : 0;
    return fmt::format("{:.{}f} {}", time, digits, units[unit]);
}

std::string count_text(double count) {
    constexpr double million = 1e6;
    if (count < million) {
        return fmt::format("{:.0f}", count);
    }
    return fmt::format("{:.3g} million", count / million);
}

std::string percent_text(double part) {
    const double percent = 100 * part;
    return fmt::format("{:.{}f} %", percent, std::abs(percent) < 9.95 ? 1 : 0);
}

std::string named(std::string_view what, const std::string& name, std::string_view otherwise) {
    return name.empty() ? std::string(otherwise)
                        : fmt::format("{} \"{}\"", what, tool::quotable(name));
}

} // namespace twill::profile

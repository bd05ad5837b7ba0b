// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison.hpp"

#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace twill::tool {

namespace {

using profiles = std::vector<profile::profile>;

/// Of the runtime that is judged.
const profile::accounts& accounts_of(const profile::profile& of) {
    const profile::runtime* const one = judged_runtime(of);
    return one != nullptr ? one->total : of.total;
}
const std::vector<profile::kind>& kinds_of(const profile::profile& of) {
    const profile::runtime* const one = judged_runtime(of);
    return one != nullptr ? one->kinds : of.kinds;
}

template <class Figure>
std::vector<double> all_of(const profiles& of, Figure figure) {
    std::vector<double> values;
    values.reserve(of.size());
    for (const profile::profile& one : of) {
        values.push_back(static_cast<double>(figure(one)));
    }
    return values;
}

template <class Figure>
moved both(std::string name, const profiles& before, const profiles& after, Figure figure) {
    return {std::move(name), median(all_of(before, figure)), median(all_of(after, figure))};
}

/// The one in the middle by wall time, or the shorter of the two there.
const profile::profile& middle(const profiles& of) {
    std::vector<const profile::profile*> sorted;
    sorted.reserve(of.size());
    for (const profile::profile& one : of) {
        sorted.push_back(&one);
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* one, const auto* other) {
        return one->total.wall < other->total.wall;
    });
    return *sorted[(sorted.size() - 1) / 2];
}

void compare_accounts(comparison& result, const profiles& before, const profiles& after) {
    using profile::accounts_of_time;
    using profile::where_time_went;
    const std::pair<const char*, profile::nanoseconds accounts_of_time::*> all[] = {
        {"useful", &accounts_of_time::useful},       {"dispatch", &accounts_of_time::dispatch},
        {"starved", &accounts_of_time::starved},     {"serial", &accounts_of_time::serial},
        {"preempted", &accounts_of_time::preempted}, {"capped", &accounts_of_time::capped}};
    for (const auto& [name, column] : all) {
        result.accounts.push_back(
            both(name, before, after, [part = column](const profile::profile& one) {
                return where_time_went(accounts_of(one)).*part;
            }));
    }
    const double direction = result.wall.by() < 0 ? -1 : 1;
    double most = 0;
    for (std::size_t k = 0; k < result.accounts.size(); ++k) {
        if (direction * result.accounts[k].by() > most) {
            most = direction * result.accounts[k].by();
            result.account = k;
        }
    }
}

void compare_kinds(comparison& result, const profiles& before, const profiles& after) {
    std::set<std::string> names;
    for (const profiles* const side : {&before, &after}) {
        for (const profile::profile& one : *side) {
            for (const profile::kind& kind : kinds_of(one)) {
                names.insert(kind.name);
            }
        }
    }
    for (const std::string& name : names) {
        const auto sum = [&](const profile::profile& one) {
            const std::vector<profile::kind>& kinds = kinds_of(one);
            const auto at = std::find_if(kinds.begin(), kinds.end(),
                                         [&](const auto& kind) { return kind.name == name; });
            return at == kinds.end() ? profile::kind_on_worker{} : profile::total_of(*at);
        };
        const auto mean = [&](const profile::profile& one) {
            const profile::kind_on_worker all = sum(one);
            return all.count > 0 ? static_cast<double>(all.total) / static_cast<double>(all.count)
                                 : 0.0;
        };
        moved_kind made;
        made.total =
            both(name, before, after, [&](const profile::profile& one) { return sum(one).total; });
        made.mean_before = median(all_of(before, mean));
        made.mean_after = median(all_of(after, mean));
        result.kinds.push_back(std::move(made));
    }
    std::sort(result.kinds.begin(), result.kinds.end(), [](const auto& one, const auto& other) {
        const double by = std::abs(one.total.by());
        const double other_by = std::abs(other.total.by());
        return by != other_by ? by > other_by : one.total.name < other.total.name;
    });
}

/// What makes the two sides hard to compare.
void compare_circumstances(comparison& result, const profiles& before, const profiles& after) {
    const auto note_if = [&](bool differs, std::string text) {
        if (differs) {
            result.notes.push_back(std::move(text));
        }
    };
    const profile::profile& one = before.front();
    const auto differ = [&](auto field) {
        const auto other = [&](const profile::profile& of) { return of.*field != one.*field; };
        return std::any_of(before.begin(), before.end(), other) ||
               std::any_of(after.begin(), after.end(), other);
    };
    note_if(differ(&profile::profile::host), "the profiles are from different machines");
    note_if(differ(&profile::profile::mode),
            "the profiles were recorded in different modes, which cost differently");
    note_if(differ(&profile::profile::quota) || differ(&profile::profile::cores),
            "the profiles had different cores or quotas");
    const auto cut = [](const profile::profile& of) { return !of.complete; };
    const auto cut_ones = std::count_if(before.begin(), before.end(), cut) +
                          std::count_if(after.begin(), after.end(), cut);
    note_if(cut_ones > 0,
            fmt::format("{} of the profiles have no end: their programs were killed", cut_ones));
}

} // namespace

comparison compare(const std::vector<profile::profile>& before,
                   const std::vector<profile::profile>& after, double gate) {
    comparison result;
    result.profiles_before = before.size();
    result.profiles_after = after.size();
    const auto wall = [](const profile::profile& one) { return one.total.wall; };
    result.wall = both("wall", before, after, wall);
    result.ratio = result.wall.before > 0 ? result.wall.after / result.wall.before : 1;
    result.between = bootstrap_ratio(all_of(before, wall), all_of(after, wall));
    result.gate = gate;
    result.regression = result.ratio > 1 + gate && (!result.between || result.between->low > 1);
    const profile::profile& base = middle(before);
    const profile::profile& now = middle(after);
    result.after = profile::judge(now, &base);
    result.workers_before = profile::where_time_went(accounts_of(base)).awake;
    result.workers_after = result.after.accounts.awake;
    compare_accounts(result, before, after);
    compare_kinds(result, before, after);
    compare_circumstances(result, before, after);
    return result;
}

} // namespace twill::tool

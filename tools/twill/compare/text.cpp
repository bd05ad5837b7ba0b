// SPDX-License-Identifier: Apache-2.0
#include "compare/comparison.hpp"
#include "plan_file/error.hpp"
#include "verdict/figures.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace twill::tool {

namespace {

using profile::percent_text;
using profile::time_text;

constexpr std::size_t most_kinds = 10;
constexpr double hardly = 0.01;

std::string signed_percent(double part) {
    return fmt::format("{}{}", part < 0 ? '-' : '+', percent_text(std::abs(part)));
}

std::string signed_time(double time) {
    return fmt::format("{}{}", time < 0 ? '-' : '+', time_text(std::abs(time)));
}

/// What an account is to whoever reads the sentence.
std::string_view meaning_of(std::string_view account, double by) {
    const bool more = by > 0;
    if (account == "useful") {
        return more ? "time in tasks grew: more work, or the same work takes longer (work "
                      "inflation)"
                    : "time in tasks shrank";
    }
    if (account == "dispatch") {
        return more ? "handing tasks over grew" : "handing tasks over shrank";
    }
    if (account == "starved") {
        return more ? "workers starve more inside verbs" : "workers starve less inside verbs";
    }
    if (account == "serial") {
        return more ? "the time outside of verbs grew" : "the time outside of verbs shrank";
    }
    if (account == "preempted") {
        return more ? "others took the cores for longer" : "others took the cores for less";
    }
    return more ? "more time on workers beyond the cores" : "less time on workers beyond the cores";
}

std::string judgement(const comparison& of) {
    const double change = of.ratio - 1;
    if (of.regression) {
        return fmt::format("REGRESSION: {} of the wall time, beyond the gate of {}",
                           signed_percent(change), percent_text(of.gate));
    }
    if (change > of.gate) {
        return fmt::format("no regression: {} is beyond the gate of {}, but the interval contains "
                           "1: more profiles a side would tell",
                           signed_percent(change), percent_text(of.gate));
    }
    return fmt::format("no regression: {} of the wall time, the gate is {}", signed_percent(change),
                       percent_text(of.gate));
}

nlohmann::ordered_json as_json(const moved& of) {
    return {
        {"name", of.name}, {"before", std::llround(of.before)}, {"after", std::llround(of.after)}};
}

} // namespace

std::string comparison_as_text(const comparison& of) {
    std::string out = judgement(of);
    out += "\n\n";
    const auto put = std::back_inserter(out);
    fmt::format_to(put, "wall time   {} -> {}, ratio {:.4f}", time_text(of.wall.before),
                   time_text(of.wall.after), of.ratio);
    if (of.between) {
        fmt::format_to(put, ", 95 % of resamples from {:.4f} to {:.4f}", of.between->low,
                       of.between->high);
    } else {
        out += "; an interval needs two profiles a side";
    }
    fmt::format_to(put, "\nprofiles    {} before, {} after; {} and {} workers at a time\n",
                   of.profiles_before, of.profiles_after, of.workers_before, of.workers_after);
    if (of.account) {
        const moved& most = of.accounts[*of.account];
        fmt::format_to(put, "account     {}: {} ({} of core time)\n", most.name,
                       meaning_of(most.name, most.by()), signed_time(most.by()));
    }
    fmt::format_to(put, "after       {}\n", one_line(of.after));
    fmt::format_to(put, "\n{:<12} {:>10} {:>10} {:>11} {:>9}\n", "core time", "before", "after",
                   "change", "of m W");
    const double capacity = of.wall.before * std::max(of.workers_before, 1);
    for (const moved& one : of.accounts) {
        fmt::format_to(put, "{:<12} {:>10} {:>10} {:>11} {:>9}\n", one.name, time_text(one.before),
                       time_text(one.after), signed_time(one.by()),
                       capacity > 0 ? signed_percent(one.by() / capacity) : "-");
    }
    const double useful = std::max(of.accounts.front().before, 1.0);
    std::size_t shown = 0;
    for (const moved_kind& one : of.kinds) {
        if (shown == most_kinds || std::abs(one.total.by()) < hardly * useful) {
            break;
        }
        if (shown == 0) {
            fmt::format_to(put, "\n{:<24} {:>10} {:>10} {:>11} {:>10} {:>10}\n", "kinds that moved",
                           "before", "after", "change", "mean", "mean after");
        }
        fmt::format_to(put, "{:<24} {:>10} {:>10} {:>11} {:>10} {:>10}\n", quotable(one.total.name),
                       time_text(one.total.before), time_text(one.total.after),
                       signed_time(one.total.by()), time_text(one.mean_before),
                       time_text(one.mean_after));
        ++shown;
    }
    if (shown < of.kinds.size()) {
        fmt::format_to(put, "{}{} {}kinds moved less; --json has all\n", shown == 0 ? "\n" : "  ",
                       of.kinds.size() - shown, shown == 0 ? "" : "other ");
    }
    for (const std::string& note : of.notes) {
        fmt::format_to(put, "note: {}\n", note);
    }
    return out;
}

std::string comparison_as_json(const comparison& of) {
    using nlohmann::ordered_json;
    ordered_json accounts = ordered_json::array();
    for (const moved& one : of.accounts) {
        accounts.push_back(as_json(one));
    }
    ordered_json kinds = ordered_json::array();
    for (const moved_kind& one : of.kinds) {
        ordered_json made = as_json(one.total);
        made["mean_before"] = std::llround(one.mean_before);
        made["mean_after"] = std::llround(one.mean_after);
        kinds.push_back(std::move(made));
    }
    const profile::finding& main = of.after.findings.front();
    const ordered_json all{
        {"times", "ns"},
        {"regression", of.regression},
        {"gate", of.gate},
        {"ratio", of.ratio},
        {"interval", of.between ? ordered_json{of.between->low, of.between->high} : ordered_json()},
        {"profiles", {{"before", of.profiles_before}, {"after", of.profiles_after}}},
        {"workers", {{"before", of.workers_before}, {"after", of.workers_after}}},
        {"wall", as_json(of.wall)},
        {"account",
         of.account ? ordered_json(of.accounts[*of.account].name) : ordered_json(nullptr)},
        {"accounts", std::move(accounts)},
        {"kinds", std::move(kinds)},
        {"verdict_after",
         {{"cause", name_of(main.what)},
          {"subject", main.subject},
          {"gain", main.gain},
          {"text", main.seen}}},
        {"notes", of.notes}};
    return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace twill::tool

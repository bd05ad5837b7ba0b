// SPDX-License-Identifier: Apache-2.0
#include "plan_file/error.hpp"
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace twill::profile {

namespace {

/// What is worth a line behind the main finding.
constexpr double worth_a_line = least_gain / 5;

finding nothing(const figures& from, const findings& others) {
    finding made;
    made.what = cause::nothing;
    if (from.where.workers == 0 || from.where.capacity <= 0) {
        made.seen = "no verb has run, so there is no load to judge";
        made.change = "record a program that uses Twill";
        return made;
    }
    const double largest = others.empty() ? 0 : others.front().gain;
    made.seen = fmt::format("{} of the core time of {} workers went into tasks",
                            percent_text(from.saved(from.useful)), from.m);
    made.change =
        largest > 0 ? fmt::format("nothing: no change of the scheduling gives more than {} of the "
                                  "wall time",
                                  percent_text(largest))
                    : std::string("nothing: there is nothing to gain from better scheduling");
    made.formula = fmt::format("the largest gain found is below {}", percent_text(least_gain));
    return made;
}

} // namespace

std::string_view name_of(cause of) noexcept {
    switch (of) {
    case cause::nothing:
        return "nothing";
    case cause::serial_section:
        return "serial_section";
    case cause::huge_task:
        return "huge_task";
    case cause::coarse_tasks:
        return "coarse_tasks";
    case cause::imbalance:
        return "imbalance";
    case cause::too_little_parallelism:
        return "too_little_parallelism";
    case cause::fine_tasks:
        return "fine_tasks";
    case cause::blocking:
        return "blocking";
    case cause::preemption:
        return "preemption";
    case cause::too_many_workers:
        return "too_many_workers";
    case cause::work_inflation:
        return "work_inflation";
    }
    return "unknown";
}

std::string_view words_for(cause of) noexcept {
    switch (of) {
    case cause::nothing:
        return "nothing to change";
    case cause::serial_section:
        return "a serial section";
    case cause::huge_task:
        return "a huge task";
    case cause::coarse_tasks:
        return "tasks too coarse at the end";
    case cause::imbalance:
        return "imbalance";
    case cause::too_little_parallelism:
        return "too little parallelism";
    case cause::fine_tasks:
        return "tasks too fine";
    case cause::blocking:
        return "blocking in tasks";
    case cause::preemption:
        return "preemption by others";
    case cause::too_many_workers:
        return "more workers than cores";
    case cause::work_inflation:
        return "work inflation";
    }
    return "unknown";
}

namespace {

verdict judge_part(const profile& of, const profile* base) {
    const figures from(of);
    findings found;
    starvation starved(from.starved);
    find_serial_sections(from, starved, found);
    find_fine_tasks(from, starved, found);
    find_huge_tasks(from, starved, found);
    find_preemption(from, starved, found);
    find_coarse_tasks(from, starved, found);
    find_imbalance(from, starved, found);
    find_little_parallelism(from, starved, found);
    find_blocking(from, found);
    find_too_many_workers(from, found);
    if (base != nullptr) {
        find_inflation(from, *base, found);
    }
    found.erase(std::remove_if(found.begin(), found.end(),
                               [](const finding& one) { return one.gain < worth_a_line; }),
                found.end());
    // Of equal gains the more specific cause, in the order of `cause`, comes first.
    std::sort(found.begin(), found.end(), [](const finding& one, const finding& other) {
        return one.gain != other.gain ? one.gain > other.gain : one.what < other.what;
    });
    if (found.empty() || found.front().gain < least_gain) {
        found.insert(found.begin(), nothing(from, found));
    }
    return {{}, 0, {}, from.where, std::move(found)};
}

} // namespace

verdict judge(const profile& of, const profile* base) {
    std::optional<profile> base_part;
    if (base != nullptr) {
        if (const runtime* const one = judged_runtime(*base); one != nullptr) {
            base = &base_part.emplace(part_of(*base, *one));
        }
    }
    const runtime* const one = judged_runtime(of);
    if (one == nullptr) {
        return judge_part(of, base);
    }
    profile part = part_of(of, *one);
    verdict made = judge_part(part, base);
    made.part = std::move(part);
    made.runtime = one->number;
    made.title = fmt::format("runtime {}, \"{}\"", one->number, tool::quotable(one->name));
    return made;
}

std::string one_line(const verdict& of) {
    const finding& main = of.findings.front();
    const std::string title = of.title.empty() ? "verdict" : "verdict on " + of.title;
    if (main.what == cause::nothing) {
        return fmt::format("{}: {}: {}", title, words_for(main.what), main.seen);
    }
    return fmt::format("{}: {}: {}. Change: {}. Predicted gain: {} of the wall time", title,
                       words_for(main.what), main.seen, main.change, percent_text(main.gain));
}

} // namespace twill::profile

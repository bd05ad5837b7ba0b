// SPDX-License-Identifier: Apache-2.0
#include "plan/input.hpp"

#include "output.hpp"
#include "plan_file/error.hpp"
#include "profile/read.hpp"
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <stdexcept>
#include <system_error>

namespace twill::tool {

kind_time parse_kind_time(const std::string& text) {
    const std::size_t equals = text.rfind('=');
    double time = -1;
    if (equals != std::string::npos) {
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, time);
        time = error == std::errc() && stop == end ? time : -1;
    }
    if (!(time >= 0 && time <= largest_time)) {
        throw std::invalid_argument(
            fmt::format("expected NAME=TIME with a time from 0 to {}, got \"{}\"", largest_time,
                        quotable(text)));
    }
    return {text.substr(0, equals), time};
}

std::vector<kind_time> mean_times(const std::string& path) {
    const profile::profile of = profile::read(path);
    std::map<std::string, profile::kind_on_worker> sums;
    const auto add = [&sums](const std::vector<profile::kind>& kinds) {
        for (const profile::kind& one : kinds) {
            const profile::kind_on_worker its = profile::total_of(one);
            profile::kind_on_worker& sum = sums[one.name];
            sum.count += its.count;
            sum.total += its.total;
        }
    };
    add(of.kinds);
    for (const profile::runtime& beside : of.runtimes) {
        add(beside.kinds);
    }
    std::vector<kind_time> means;
    for (const auto& [name, sum] : sums) {
        // What is in no kind has a total, but no tasks.
        if (sum.count > 0) {
            means.push_back(
                {name, static_cast<double>(sum.total) * 1e-9 / static_cast<double>(sum.count)});
        }
    }
    if (means.empty()) {
        throw file_error(path, 0,
                         of.mode == "counters"
                             ? "no kinds in a profile of mode counters; record mode kinds"
                             : "no task of a kind has ended in it");
    }
    return means;
}

planned_input read_input(const std::string& path, const std::vector<kind_time>& times) {
    planned_input input;
    const std::string name = shown_name(path);
    input.tasks = read_plan_file(read_file(path, most_bytes), name);
    std::map<std::string, int> numbers{{"", 0}};
    input.kinds.emplace_back();
    for (const file_task& task : input.tasks) {
        const auto [at, added] =
            numbers.try_emplace(task.kind, static_cast<int>(input.kinds.size()));
        if (added) {
            input.kinds.push_back(task.kind);
        }
        std::optional<double> time = task.time;
        if (!time) {
            const auto given = std::find_if(times.begin(), times.end(), [&](const kind_time& one) {
                return one.kind == task.kind;
            });
            if (given == times.end()) {
                throw file_error(
                    name, task.line,
                    task.kind.empty()
                        ? fmt::format("task \"{}\" has neither a time nor a kind",
                                      quotable(task.name))
                        : fmt::format(
                              "task \"{}\" has no time; give its kind one: --kind {}=TIME, or "
                              "a --profile with tasks of it",
                              quotable(task.name), quotable(task.kind)));
            }
            time = given->time;
        }
        input.facts.push_back({*time, task.priority, at->second});
    }
    return input;
}

std::vector<double> begins_of(const planned_input& input) {
    std::vector<double> begins(input.facts.size());
    for (const plan_core& core : input.made.cores) {
        double end = 0;
        for (const std::size_t task : core.tasks) {
            begins[task] = end / core.speed;
            end += input.facts[task].time;
        }
    }
    return begins;
}

} // namespace twill::tool

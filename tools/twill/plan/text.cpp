// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"
#include "plan/outputs.hpp"
#include "plan_file/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace twill::tool {

namespace {

constexpr int bar_width = 60;
constexpr std::size_t line_width = 100;

/// Where a bound comes from.
const char* source_of(const plan& made) {
    const bool equal =
        std::all_of(made.cores.begin(), made.cores.end(),
                    [&](const plan_core& core) { return core.speed == made.cores.front().speed; });
    switch (made.strategy) {
    case plan_strategy::list:
        return equal ? "Graham 1966" : "Cho, Sahni 1980";
    case plan_strategy::lpt:
        return equal ? "Graham 1969" : "Gonzalez, Ibarra, Sahni 1977; Kovacs 2010";
    default:
        return equal ? "Yue 1990; Graham 1969" : "Friesen, Langston 1983; Kovacs 2010";
    }
}

std::string promise_of(const plan& made) {
    if (made.promised_makespan && made.promised_ratio) {
        return fmt::format("C <= S/m + (1 - 1/m) max e = {}, and {} times the best ({})",
                           shown(*made.promised_makespan), shown(*made.promised_ratio),
                           source_of(made));
    }
    if (!made.promised_ratio) {
        return "nothing";
    }
    if (made.strategy == plan_strategy::exact && made.optimal()) {
        return "the best plan";
    }
    return fmt::format("C <= {} times the best ({})", shown(*made.promised_ratio), source_of(made));
}

std::string gap_of(const plan& made) {
    if (made.optimal()) {
        return "0 %: no plan is better";
    }
    return fmt::format("{} %: a better plan could be so much shorter at the most",
                       shown(made.gap() * 100));
}

/// Tasks in turn as # and =, and . where the core is idle until C.
std::string bar_of(const plan_core& core, const planned_input& input) {
    std::string bar;
    double end = 0;
    bool even = true;
    for (const std::size_t task : core.tasks) {
        end += input.facts[task].time / core.speed;
        const double width = input.made.makespan > 0 ? end / input.made.makespan * bar_width : 0;
        const auto columns = static_cast<std::size_t>(
            std::clamp<double>(std::round(width), static_cast<double>(bar.size()), bar_width));
        bar.resize(columns, even ? '#' : '=');
        even = !even;
    }
    bar.resize(bar_width, '.');
    return bar;
}

void list_tasks(std::string& out, std::size_t number, const plan_core& core,
                const planned_input& input) {
    std::string line = fmt::format("core {:>3}:", number);
    const std::size_t indent = line.size();
    for (std::size_t k = 0; k < core.tasks.size(); ++k) {
        const std::size_t task = core.tasks[k];
        const std::string one =
            fmt::format(" {} {}{}", quotable(input.tasks[task].name), shown(input.facts[task].time),
                        k + 1 < core.tasks.size() ? "," : "");
        if (line.size() + one.size() > line_width && line.size() > indent) {
            out += line + '\n';
            line = std::string(indent, ' ');
        }
        line += one;
    }
    out += core.tasks.empty() ? line + " nothing\n" : line + '\n';
}

} // namespace

std::string plan_as_text(const planned_input& input) {
    const plan& made = input.made;
    const double mean = made.total_load / static_cast<double>(made.cores.size());
    std::string out;
    const auto put = std::back_inserter(out);
    fmt::format_to(put, "makespan C = {}\n", shown(made.makespan));
    fmt::format_to(put, "total    S = {}, mean S/m = {}, imbalance C/(S/m) - 1 = {}\n",
                   shown(made.total_load), shown(mean),
                   shown(mean > 0 ? std::round((made.makespan / mean - 1) * 1000) / 1000 : 0));
    fmt::format_to(put, "tasks    n = {} on m = {} cores, strategy {}\n", input.tasks.size(),
                   made.cores.size(), input.strategy);
    fmt::format_to(put, "promised     {}\n", promise_of(made));
    fmt::format_to(put, "lower bound  {}, proved gap {}\n\n", shown(made.lower_bound),
                   gap_of(made));
    const bool speeds = std::any_of(made.cores.begin(), made.cores.end(),
                                    [](const plan_core& core) { return core.speed != 1; });
    fmt::format_to(put, "core{}       load  tasks in turn # and =, idle until C .\n",
                   speeds ? "    speed" : "");
    for (std::size_t j = 0; j < made.cores.size(); ++j) {
        fmt::format_to(put, "{:>4}", j);
        if (speeds) {
            fmt::format_to(put, " {:>8}", shown(made.cores[j].speed));
        }
        fmt::format_to(put, " {:>10}  {}\n", shown(made.cores[j].load),
                       bar_of(made.cores[j], input));
    }
    out += '\n';
    for (std::size_t j = 0; j < made.cores.size(); ++j) {
        list_tasks(out, j, made.cores[j], input);
    }
    return out;
}

} // namespace twill::tool

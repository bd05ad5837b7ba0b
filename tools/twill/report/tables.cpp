// SPDX-License-Identifier: Apache-2.0
// The tables of a report: workers, kinds, regions, responses.
#include "plan_file/error.hpp"
#include "report/hardware.hpp"
#include "report/lengths.hpp"
#include "report/levels.hpp"
#include "report/outputs.hpp"
#include "verdict/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace twill::tool {

namespace {

using profile::count_text;
using profile::percent_text;
using profile::time_text;

constexpr std::size_t bar_width = 40;
constexpr const char* priorities[] = {"high", "normal", "low"};

/// The columns of a worker side by side, in shares of its open time.
std::string bar_of(const profile::worker& one) {
    std::string out;
    double sum = 0;
    const std::pair<profile::nanoseconds, char> parts[] = {{one.useful, '#'},
                                                           {one.dispatch, 'd'},
                                                           {one.search, 's'},
                                                           {one.preempted.value_or(0), 'p'},
                                                           {one.parked, '.'}};
    for (const auto& [time, letter] : parts) {
        // Up to where the sum lies, so that the bar has its full length whatever is rounded.
        sum += share(time, one.open);
        const double columns =
            std::round(std::clamp(sum, 0.0, 1.0) * static_cast<double>(bar_width));
        out.resize(std::max(out.size(), static_cast<std::size_t>(columns)), letter);
    }
    return out;
}

void counts_line(std::string& out, const profile::profile& of) {
    std::string line = "  counts:";
    for (std::size_t k = 0; k < of.counts.size(); ++k) {
        std::uint64_t sum = 0;
        for (const profile::worker& one : of.total.workers) {
            sum += k < one.counts.size() ? one.counts[k] : 0;
        }
        if (sum == 0) {
            continue;
        }
        const std::string item =
            fmt::format(" {} {}", quotable(of.counts[k]), count_text(static_cast<double>(sum)));
        if (line.size() + item.size() + 1 > line_width) {
            out += line + '\n';
            line = "         ";
        }
        line += item + ',';
    }
    if (line.back() == ',') {
        line.pop_back();
        out += line + '\n';
    }
}

/// The times of a worker and its bar, from one column before the first on.
std::string columns_of(const profile::worker& one) {
    return fmt::format(" {:>9} {:>9} {:>9} {:>9} {:>9}  {}", ns_text(one.useful),
                       ns_text(one.dispatch), ns_text(one.search),
                       one.preempted ? ns_text(*one.preempted) : "?", ns_text(one.parked),
                       bar_of(one));
}

std::string late_text(const profile::region& one) {
    return fmt::format(" {:>6} {:>9}", one.late, one.late > 0 ? ns_text(one.late_sum) : "-");
}

/// Wide enough for all names, but not for all of a very long one.
std::size_t name_width(std::size_t longest) { return std::clamp<std::size_t>(longest, 8, 32); }

/// The end of a long name says more than its beginning. Letters of several bytes stay whole.
std::string fitted(const std::string& name, std::size_t width) {
    const std::string text = quotable(name);
    if (text.size() <= width) {
        return text;
    }
    std::size_t cut = text.size() - (width - 2);
    while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) {
        ++cut;
    }
    return fmt::format("..{}", std::string_view(text).substr(cut));
}

} // namespace

std::size_t rows_of(std::size_t all, std::size_t rows) {
    return rows == 0 ? all : std::min(all, rows);
}

void say_left_out(std::string& out, std::size_t all, std::size_t shown, const char* what) {
    if (all > shown) {
        out += fmt::format("  and {} more {}; --rows 0 shows all\n", all - shown, what);
    }
}

std::string workers_section(const report_input& input) {
    const profile::profile& of = input.of;
    if (of.total.workers.empty()) {
        return {};
    }
    std::string out =
        fmt::format("{:<7} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "worker", "useful", "dispatch",
                    "search", "preempted", "parked", "# useful, then d, s, p, and . parked");
    const auto put = std::back_inserter(out);
    for (std::size_t k = 0; k < of.total.workers.size(); ++k) {
        const profile::worker& one = of.total.workers[k];
        fmt::format_to(put, "{:>6} {}\n", k, columns_of(one));
        if (one.over > 0) {
            fmt::format_to(put, "        and {} above the limit, resumed from waits\n",
                           ns_text(one.over));
        }
    }
    out += levels_table(of);
    out += hardware_table(of);
    counts_line(out, of);
    return out + '\n';
}

std::string runtimes_section(const report_input& input, std::size_t rows) {
    const profile::profile& of = input.of;
    const std::vector<profile::runtime>& all = of.runtimes;
    if (all.empty()) {
        return {};
    }
    std::string out = fmt::format("{:<12} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", "runtime", "useful",
                                  "dispatch", "search", "preempted", "parked", "# d s p .");
    const auto put = std::back_inserter(out);
    const std::size_t shown = rows_of(all.size(), rows);
    for (std::size_t k = 0; k < shown; ++k) {
        const profile::runtime& one = all[k];
        fmt::format_to(put, "{}, {}: {} in the recording, {} of it in verbs\n", one.number,
                       quotable(one.name), ns_text(one.total.wall), ns_text(one.total.in_verbs));
        for (std::size_t worker = 0; worker < one.total.workers.size(); ++worker) {
            fmt::format_to(put, "{:<12}{}\n", fmt::format("  worker {}", worker),
                           columns_of(one.total.workers[worker]));
        }
        if (one.strands) {
            fmt::format_to(put, "  work T1 = {}, span Tinf = {}{}, {} strands, the longest {}\n",
                           ns_text(one.strands->work), ns_text(one.strands->span),
                           one.strands->upper_bound ? " at most (groups of tasks)" : "",
                           count_text(static_cast<double>(one.strands->strands)),
                           ns_text(one.strands->longest_strand));
        } else if (one.events + one.dropped > 0) {
            fmt::format_to(put, "  no work and span: {}\n", quotable(one.no_dag));
        }
        out += levels_lines(of, one.total.workers);
        for (const profile::kind& each : one.kinds) {
            const profile::kind_on_worker sum = profile::total_of(each);
            fmt::format_to(put, "  kind {}: {} tasks, {}, the longest {}, {} errors\n",
                           quotable(each.name), count_text(static_cast<double>(sum.count)),
                           ns_text(sum.total), ns_text(each.longest), each.errors);
        }
    }
    say_left_out(out, all.size(), shown, "runtimes");
    out += "  beside the default one, of which are the other tables but the responses; the verdict "
           "and the\n  figures are of the runtime that has most in tasks\n";
    return out + '\n';
}

std::string kinds_section(const report_input& input, std::size_t rows) {
    const profile::profile& of = input.of;
    if (of.kinds.empty()) {
        return {};
    }
    struct row {
        const profile::kind* of;
        profile::kind_on_worker sum;
    };
    std::vector<row> all;
    std::size_t longest = 0;
    for (const profile::kind& one : of.kinds) {
        all.push_back({&one, profile::total_of(one)});
        longest = std::max(longest, quotable(one.name).size());
    }
    std::sort(all.begin(), all.end(), [](const row& one, const row& other) {
        return one.sum.total != other.sum.total ? one.sum.total > other.sum.total
                                                : one.of->name < other.of->name;
    });
    const std::size_t width = name_width(longest);
    std::string out = fmt::format("{:<{}} {:>12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>6}\n",
                                  "kind", width, "count", "total", "mean", "p50", "p99", "longest",
                                  "errors", "share", "max/m");
    const std::size_t shown = rows_of(all.size(), rows);
    for (std::size_t k = 0; k < shown; ++k) {
        const auto& [kind, sum] = all[k];
        profile::nanoseconds busiest = 0;
        for (const profile::kind_on_worker& part : kind->workers) {
            busiest = std::max(busiest, part.total);
        }
        const double mean =
            static_cast<double>(sum.total) / std::max(input.judged.accounts.awake, 1);
        fmt::format_to(
            std::back_inserter(out),
            "{:<{}} {:>12} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>6}\n",
            fitted(kind->name, width), width, count_text(static_cast<double>(sum.count)),
            ns_text(sum.total),
            sum.count > 0
                ? time_text(static_cast<double>(sum.total) / static_cast<double>(sum.count))
                : "-",
            samples_of(kind->sampled) > 0 ? ns_text(percentile(kind->sampled, 0.5, kind->longest))
                                          : "-",
            samples_of(kind->sampled) > 0 ? ns_text(percentile(kind->sampled, 0.99, kind->longest))
                                          : "-",
            ns_text(kind->longest), kind->errors,
            percent_text(share(sum.total, input.judged.accounts.useful)),
            mean > 0 ? fmt::format("{:.2f}", static_cast<double>(busiest) / mean) : "-");
    }
    say_left_out(out, all.size(), shown, "kinds");
    out += "  p50 and p99: of every task, within 1/16; share: of the time in tasks; max/m: the "
           "busiest worker's\n  part over the mean of the workers\n";
    return out + '\n';
}

std::string regions_section(const report_input& input, std::size_t rows) {
    const profile::profile& of = input.of;
    if (of.regions.empty()) {
        return {};
    }
    std::vector<const profile::region*> all;
    std::size_t longest = 0;
    for (const profile::region& one : of.regions) {
        all.push_back(&one);
        longest = std::max(longest, quotable(one.name).size());
    }
    std::sort(all.begin(), all.end(), [](const auto* one, const auto* other) {
        return one->wall != other->wall ? one->wall > other->wall : one->name < other->name;
    });
    const std::size_t width = name_width(longest);
    const bool any_late =
        std::any_of(all.begin(), all.end(), [](const auto* one) { return one->late > 0; });
    std::string out =
        fmt::format("{:<{}} {:>8} {:>9} {:>7} {:>9} {:>9} {:>9} {:>12}{}\n", "region", width,
                    "count", "wall", "of W", "in verbs", "useful", "preempted", "parallelism",
                    any_late ? fmt::format(" {:>6} {:>9}", "late", "late by") : "");
    const std::size_t shown = rows_of(all.size(), rows);
    for (std::size_t k = 0; k < shown; ++k) {
        const profile::region& one = *all[k];
        const profile::nanoseconds work = one.wall - one.in_verbs + one.all.useful;
        fmt::format_to(
            std::back_inserter(out), "{:<{}} {:>8} {:>9} {:>7} {:>9} {:>9} {:>9} {:>12.2f}{}\n",
            fitted(one.name, width), width, count_text(static_cast<double>(one.count)),
            ns_text(one.wall), percent_text(share(one.wall, of.total.wall)), ns_text(one.in_verbs),
            ns_text(one.all.useful), one.all.preempted ? ns_text(*one.all.preempted) : "?",
            share(work, one.wall), any_late ? late_text(one) : "");
    }
    say_left_out(out, all.size(), shown, "regions");
    out += "  with the regions inside; parallelism: useful threads on average, one where no verb "
           "ran\n";
    if (any_late) {
        out += "  late: ended after their deadlines, by so much in all\n";
    }
    return out + '\n';
}

std::string responses_section(const report_input& input) {
    const auto& all = input.of.by_priority;
    const bool any =
        std::any_of(all.begin(), all.end(), [](const auto& one) { return one.count > 0; });
    if (!any) {
        return {};
    }
    std::string out =
        fmt::format("{:<10} {:>12} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9} {:>8}\n", "responses",
                    "count", "mean", "p50", "p99", "longest", "late", "late by", "errors");
    for (std::size_t k = 0; k < all.size(); ++k) {
        const profile::responses& one = all[k];
        if (one.count == 0) {
            continue;
        }
        const auto count = static_cast<double>(one.count);
        fmt::format_to(std::back_inserter(out),
                       "{:<10} {:>12} {:>9} {:>9} {:>9} {:>9} {:>8} {:>9} {:>8}\n",
                       k < std::size(priorities) ? priorities[k] : "other", count_text(count),
                       one.sum ? time_text(static_cast<double>(*one.sum) / count) : "?",
                       ns_text(percentile(one.sampled, 0.5, one.longest)),
                       ns_text(percentile(one.sampled, 0.99, one.longest)), ns_text(one.longest),
                       one.late, one.late_sum ? ns_text(*one.late_sum) : "?",
                       one.errors ? fmt::format("{}", *one.errors) : "?");
    }
    return out + "  from the submission to the end, of every one; p50 and p99 within 1/16; "
                 "late: ended after\n  their deadlines\n\n";
}

} // namespace twill::tool

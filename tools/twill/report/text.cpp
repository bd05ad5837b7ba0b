// SPDX-License-Identifier: Apache-2.0
// The text of a report from its sections, with the verdict and the notes.
#include "plan_file/error.hpp"
#include "report/hardware.hpp"
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

constexpr std::size_t title_width = 10;
constexpr std::size_t bar_width = 40;

/// Which runtime the figures are of.
std::string of_runtime(const profile::verdict& judged) {
    return judged.title.empty() ? std::string() : "; all of " + judged.title;
}

} // namespace

double share(profile::nanoseconds part, profile::nanoseconds whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string ns_text(profile::nanoseconds time) { return time_text(static_cast<double>(time)); }

std::string paragraph(std::string_view title, std::string_view text) {
    std::string line = fmt::format("  {:<{}}", title, title_width - 2);
    std::string out;
    std::size_t used = line.size();
    const std::string indent(title_width, ' ');
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        if (used + space + 1 > line_width && used > title_width) {
            out += line + '\n';
            line = indent;
            used = line.size();
        }
        if (used > title_width) {
            line += ' ';
            ++used;
        }
        line += text.substr(0, space);
        used += space;
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return out + line + '\n';
}

std::string bar(double part, std::size_t width, char letter) {
    const double columns = std::round(std::clamp(part, 0.0, 1.0) * static_cast<double>(width));
    return std::string(static_cast<std::size_t>(columns), letter);
}

std::string verdict_section(const report_input& input) {
    const profile::verdict& judged = input.judged;
    const profile::finding& main = judged.findings.front();
    const profile::accounts_of_time& where = judged.accounts;
    std::string out = fmt::format("VERDICT: {}", words_for(main.what));
    if (!main.subject.empty()) {
        out += fmt::format(": {}", quotable(main.subject));
    }
    out += '\n';
    if (where.capacity > 0) {
        std::string lost;
        const std::pair<profile::nanoseconds, const char*> parts[] = {
            {where.dispatch, "dispatch"},
            {where.starved, "starved in verbs"},
            {where.serial, "no verb ran"},
            {where.preempted, "preempted"},
            {where.capped, "beyond the cores"}};
        for (const auto& [time, name] : parts) {
            if (time > 0) {
                lost += fmt::format(", {} {}", percent_text(share(time, where.capacity)), name);
            }
        }
        out += paragraph("where",
                         fmt::format("of {} core time ({} workers x {} wall) {} went into "
                                     "tasks{}{}",
                                     ns_text(where.capacity), where.workers, ns_text(where.wall),
                                     percent_text(share(where.useful, where.capacity)), lost,
                                     of_runtime(judged)));
    }
    out += paragraph("cause", main.seen);
    out += paragraph("change", main.change);
    if (main.what != profile::cause::nothing) {
        const auto wall = static_cast<double>(where.wall);
        out += paragraph("gain", fmt::format("{} of the wall time, {} -> {}: {}",
                                             percent_text(main.gain), time_text(wall),
                                             time_text(wall * (1 - main.gain)), main.formula));
    }
    for (std::size_t k = 1; k < judged.findings.size(); ++k) {
        const profile::finding& other = judged.findings[k];
        out += paragraph(k == 1 ? "also" : "",
                         fmt::format("{}: {} ({} of the wall time)", words_for(other.what),
                                     other.seen, percent_text(other.gain)));
    }
    return out + '\n';
}

std::string accounts_section(const report_input& input) {
    const profile::profile& of = input.of;
    const profile::accounts_of_time& where = input.judged.accounts;
    std::string out = fmt::format("program   {}\n", quotable(of.program)) + build_id_line(of);
    const auto put = std::back_inserter(out);
    fmt::format_to(put,
                   "run       {} wall, {} of it in verbs; {} workers, {} at a time; {} cores{}{}\n",
                   ns_text(where.wall), ns_text(where.in_verbs), where.workers, where.awake,
                   of.cores, of.quota ? fmt::format(", quota {:.3g}", *of.quota) : std::string(),
                   of_runtime(input.judged));
    fmt::format_to(put, "recorded  mode {}, by {}, on {}\n", quotable(of.mode), quotable(of.build),
                   quotable(of.host));
    fmt::format_to(put, "measured  a steal {}, a wake {}, a task {} on this machine\n",
                   ns_text(of.steal_takes), ns_text(of.wake_takes), time_text(of.task_takes));
    out += energy_line(of) + '\n';
    if (where.capacity <= 0) {
        return out;
    }
    fmt::format_to(put, "{:<22} {:>10} {:>7}\n", "where the time went", "core time", "share");
    const std::pair<const char*, profile::nanoseconds> rows[] = {
        {"in tasks", where.useful},          {"dispatch", where.dispatch},
        {"starved in verbs", where.starved}, {"no verb ran", where.serial},
        {"preempted", where.preempted},      {"beyond the cores", where.capped},
    };
    for (const auto& [name, time] : rows) {
        if (time > 0) {
            const double part = share(time, where.capacity);
            const std::string picture = bar(part, bar_width, '#');
            fmt::format_to(put, "{:<22} {:>10} {:>7}{}{}\n", name, ns_text(time),
                           percent_text(part), picture.empty() ? "" : "  ", picture);
        }
    }
    if (!where.preempted_known) {
        out +=
            "preempted              unknown: the kernel does not tell; it is part of the others\n";
    }
    return out + '\n';
}

std::string notes_section(const report_input& input) {
    const profile::profile& of = input.of;
    std::string out;
    const auto put = std::back_inserter(out);
    if (of.dropped > 0) {
        fmt::format_to(put, "  {} of {} events were dropped: their rings were full\n",
                       count_text(static_cast<double>(of.dropped)),
                       count_text(static_cast<double>(of.events + of.dropped)));
    }
    for (const std::string& note : of.notes) {
        fmt::format_to(put, "  {}\n", quotable(note));
    }
    return out.empty() ? out : "notes\n" + out + '\n';
}

const std::vector<std::string>& section_names() {
    static const std::vector<std::string> names{"verdict",   "accounts", "workers",   "places",
                                                "threads",   "runtimes", "kinds",     "regions",
                                                "responses", "figures",  "durations", "notes"};
    return names;
}

std::string report_as_text(const report_input& input, const report_shape& shape) {
    const auto wanted = [&](const char* name) {
        return shape.only.empty() ||
               std::find(shape.only.begin(), shape.only.end(), name) != shape.only.end();
    };
    std::string out;
    out += wanted("verdict") ? verdict_section(input) : std::string();
    out += wanted("accounts") ? accounts_section(input) : std::string();
    out += wanted("workers") ? workers_section(input) : std::string();
    out += wanted("places") ? places_section(input, shape.rows) : std::string();
    out += wanted("threads") ? threads_section(input, shape.rows) : std::string();
    out += wanted("runtimes") ? runtimes_section(input, shape.rows) : std::string();
    out += wanted("kinds") ? kinds_section(input, shape.rows) : std::string();
    out += wanted("regions") ? regions_section(input, shape.rows) : std::string();
    out += wanted("responses") ? responses_section(input) : std::string();
    out += wanted("figures") ? figures_section(input) : std::string();
    out += wanted("durations") ? durations_section(input, shape.rows) : std::string();
    out += wanted("notes") ? notes_section(input) : std::string();
    if (out.ends_with("\n\n")) {
        out.pop_back();
    }
    return out;
}

} // namespace twill::tool

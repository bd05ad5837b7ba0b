// SPDX-License-Identifier: Apache-2.0

/// \file
/// write_profile FILE CASE MILLISECONDS: a profile file of a program that never ran. `serial` has
/// a region that takes 40 % of the wall time on one of four workers, `healthy` nothing to change;
/// `events` is a full record of two threads; `killed` and `dropped` are such that lack their end,
/// or some events.

#include "profiles.hpp"
#include "trace/event.hpp"
#include "trace/file_writer.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using twill::trace::event_type;
using twill::trace::event_word;
namespace profile = twill::profile;
namespace trace = twill::trace;

trace::worker record_of(const profile::worker& of) {
    return {of.open,   of.useful,    of.dispatch, of.search,
            of.parked, of.preempted, of.over,     of.counts};
}

trace::accounts record_of(const profile::accounts& of) {
    trace::accounts made{of.wall, of.in_verbs, of.cpu, of.awake_limit, {}, 0};
    for (const profile::worker& one : of.workers) {
        made.workers.push_back(record_of(one));
    }
    made.off_places = of.off_places;
    return made;
}

trace::histogram record_of(const profile::histogram& of) { return {of.upper, of.count}; }

profile::profile program(const std::string& which, double wall) {
    const double share = which == "serial" ? 0.6 : 0.99;
    const double useful = share * wall;
    auto made = twill_test::make_profile(wall, useful,
                                         std::vector<twill_test::columns>(4, {useful, 0, 0, 0}));
    made.counts = {"forks", "steals"};
    for (auto& one : made.total.workers) {
        one.counts = {1000, 10};
    }
    twill_test::add_kind(made, "decode", 1000, useful * 4 / 1000);
    twill_test::add_region(made, "load", 3, wall - useful, 0, {});
    made.regions.back().late = 2;
    made.regions.back().late_sum = 1'500'000;
    twill_test::add_region(made, "solve", 3, useful, useful, {4 * useful, 0, 0, 0});
    made.mode = which == "serial" || which == "healthy" ? "kinds" : "full";
    return made;
}

/// A region with a kind inside on thread 0, a stolen task on thread 1.
void write_events(trace::file_writer& to, std::uint64_t begin, std::uint64_t dropped) {
    const std::vector<std::uint64_t> first{
        event_word(event_type::region_begin, 0, 0),   event_word(event_type::activity, 3, 1000),
        event_word(event_type::kind_begin, 1, 1000),  event_word(event_type::kind_end, 1, 50000),
        event_word(event_type::leave_place, 0, 1000), event_word(event_type::region_end, 0, 500)};
    const std::vector<std::uint64_t> second{event_word(event_type::activity, 1, 0),
                                            event_word(event_type::steal, 0, 700),
                                            event_word(event_type::activity, 3 | 1 << 2, 10),
                                            event_word(event_type::kind_begin, 1, 1000),
                                            event_word(event_type::kind_end, 1, 20000),
                                            event_word(event_type::activity, 0, 100),
                                            event_word(event_type::park, 0, 10)};
    to.write(trace::name_table{{{1, "decode"}}, {{0, "load"}}});
    to.write_events(0, begin, first, 0);
    to.write_events(1, begin, second, dropped);
}

bool write(const char* path, const std::string& which, double wall) {
    const profile::profile of = program(which, wall);
    trace::file_header header;
    header.program = of.program;
    header.build = "twill";
    header.host = "Linux";
    header.pid = 4711;
    header.started = 1700000000000000000;
    header.ticks_per_nanosecond = 1;
    header.clock = {1000000, 1000000};
    header.cores = of.cores;
    header.mode = of.mode;
    header.steal_takes = of.steal_takes;
    header.wake_takes = of.wake_takes;
    header.task_takes = of.task_takes;
    header.clock_ahead = of.clock_ahead;
    header.counts = of.counts;
    trace::kind_table kinds;
    for (const profile::kind& one : of.kinds) {
        trace::kind made{one.name, {}, one.errors, one.longest, record_of(one.sampled)};
        for (const profile::kind_on_worker& part : one.workers) {
            made.workers.push_back({part.count, part.total});
        }
        kinds.kinds.push_back(made);
    }
    trace::region_table regions;
    for (const profile::region& one : of.regions) {
        regions.regions.push_back({one.name, one.count, one.wall, one.in_verbs, record_of(one.all),
                                   one.late, one.late_sum});
    }
    trace::file_writer to;
    if (!to.open(path, header)) {
        return false;
    }
    const bool written = to.write(record_of(of.total)) && to.write(kinds) && to.write(regions);
    if (of.mode == "full") {
        write_events(to, header.clock.ticks, which == "dropped" ? 5 : 0);
    }
    const auto end = static_cast<std::uint64_t>(of.total.wall);
    return written && (which == "killed" ||
                       to.finish({header.clock.ticks + end,
                                  header.clock.monotonic + static_cast<std::int64_t>(end)}));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: write_profile FILE serial|healthy|events|killed|dropped "
                             "MILLISECONDS\n");
        return 2;
    }
    constexpr double milliseconds = 1e-3;
    return write(argv[1], argv[2], std::atof(argv[3]) * milliseconds) ? 0 : 1;
}

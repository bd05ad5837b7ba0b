// SPDX-License-Identifier: Apache-2.0
#include "profile/records.hpp"

#include "plan_file/error.hpp"
#include "trace/codec.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace twill::profile {

namespace {

using payload_bytes = std::span<const std::byte>;

// Sums of times, and of numbers of buckets, stay below this.
constexpr std::uint64_t largest_sum = std::uint64_t{1} << 62;
// So many workers of all instants together are kept: some hundred bytes each.
constexpr std::size_t most_workers_in_series = std::size_t{1} << 18;
constexpr std::size_t most_notes = 100;

/// Adds up times; not ok after a negative one or more than fits.
class sum {
public:
    void add(nanoseconds time) noexcept {
        ok_ = ok_ && time >= 0 && static_cast<std::uint64_t>(time) <= largest_sum - total_;
        total_ += ok_ ? static_cast<std::uint64_t>(time) : 0;
    }
    [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
    std::uint64_t total_ = 0;
    bool ok_ = true;
};

bool is_time(nanoseconds time) noexcept {
    return time >= 0 && static_cast<std::uint64_t>(time) <= largest_sum;
}

bool is_amount(double value) noexcept { return std::isfinite(value) && value >= 0; }

/// What a terminal and JSON take, at the length that it has.
void make_printable(std::string& text) {
    const bool known = tool::is_utf8(text);
    for (char& one : text) {
        const auto byte = static_cast<unsigned char>(one);
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !known)) {
            one = '?';
        }
    }
}

bool is_histogram(const histogram& one) noexcept {
    return one.upper.size() == one.count.size() &&
           std::adjacent_find(one.upper.begin(), one.upper.end(), std::greater_equal<>()) ==
               one.upper.end() &&
           (one.upper.empty() || one.upper.front() >= 0);
}

bool are_workers(const std::vector<worker>& workers) noexcept {
    sum columns;
    for (const worker& one : workers) {
        for (const nanoseconds time : {one.open, one.useful, one.dispatch, one.search, one.parked,
                                       one.preempted.value_or(0), one.over}) {
            columns.add(time);
        }
    }
    return columns.ok();
}

bool are_accounts(const accounts& of, std::size_t counts) noexcept {
    return is_time(of.wall) && is_time(of.in_verbs) && is_time(of.cpu.value_or(0)) &&
           is_time(of.off_places) && of.awake_limit >= 0 && are_workers(of.workers) &&
           std::all_of(of.workers.begin(), of.workers.end(),
                       [counts](const worker& one) { return one.counts.size() == counts; });
}

/// Makes their names printable.
bool are_kinds(std::vector<kind>& kinds) {
    sum totals;
    for (kind& one : kinds) {
        for (const kind_on_worker& on : one.workers) {
            totals.add(on.total);
        }
        if (!is_time(one.longest) || !is_histogram(one.sampled)) {
            return false;
        }
        make_printable(one.name);
    }
    return totals.ok();
}

/// Decodes a whole payload; bytes after it are from a later version.
template <class Fields>
bool decode(payload_bytes payload, Fields&& fields) {
    trace::decoder from(payload);
    fields(from);
    return from.ok();
}

} // namespace

bool record_reader::take(trace::chunk_type type, payload_bytes payload) {
    using trace::chunk_type;
    if (!has_header_) {
        return type == chunk_type::header && take_header(payload);
    }
    switch (type) {
    case chunk_type::accounts:
        return take_accounts(payload);
    case chunk_type::kinds:
        return take_kinds(payload);
    case chunk_type::regions:
        return take_regions(payload);
    case chunk_type::responses:
        return take_responses(payload);
    case chunk_type::joules:
        return take_joules(payload);
    case chunk_type::note:
        return take_note(payload);
    case chunk_type::clock:
        return take_clock(payload);
    case chunk_type::end:
        return take_end(payload);
    case chunk_type::names:
        return take_names(payload);
    case chunk_type::runtimes:
        return take_runtimes(payload);
    case chunk_type::threads:
        return take_threads(payload);
    case chunk_type::hardware:
        return take_hardware(payload);
    case chunk_type::machine:
        return take_machine(payload);
    case chunk_type::header:
    case chunk_type::events:
        break;
    }
    return false;
}

bool record_reader::take_header(payload_bytes payload) {
    trace::file_header header;
    if (!decode(payload, [&](auto& from) { trace::header_fields(from, header); })) {
        return false;
    }
    const double rate = header.ticks_per_nanosecond;
    constexpr nanoseconds longest_cost = 1'000'000'000;
    const auto is_cost = [](nanoseconds time) { return time >= 0 && time <= longest_cost; };
    if (!(rate >= 1e-3 && rate <= 1e3) || header.cores < 0 || !is_amount(header.task_takes) ||
        !is_amount(header.clock_ahead) || !is_cost(header.steal_takes) ||
        !is_cost(header.wake_takes) || (header.quota && !is_amount(*header.quota))) {
        return false;
    }
    for (std::string* text : {&header.program, &header.build, &header.host, &header.mode}) {
        make_printable(*text);
    }
    std::for_each(header.counts.begin(), header.counts.end(), make_printable);
    clock_ = tick_clock(header.clock, rate);
    into_.program = std::move(header.program);
    into_.build = std::move(header.build);
    into_.host = std::move(header.host);
    into_.pid = header.pid;
    into_.started = header.started;
    into_.cores = header.cores;
    into_.quota = header.quota;
    into_.mode = std::move(header.mode);
    into_.steal_takes = header.steal_takes;
    into_.wake_takes = header.wake_takes;
    into_.task_takes = header.task_takes;
    into_.clock_ahead = header.clock_ahead;
    into_.counts = std::move(header.counts);
    has_header_ = true;
    return true;
}

bool record_reader::take_accounts(payload_bytes payload) {
    accounts now;
    if (!decode(payload, [&](auto& from) { trace::accounts_fields(from, now); }) ||
        !are_accounts(now, into_.counts.size())) {
        return false;
    }
    if (seen_++ % stride_ == 0) {
        workers_in_series_ += now.workers.size() + 1;
        into_.series.push_back(now);
        thin_series();
    }
    into_.total = std::move(now);
    return true;
}

// A series that is too long loses every second entry, as often as it takes.
void record_reader::thin_series() {
    while (workers_in_series_ > most_workers_in_series && into_.series.size() > 1) {
        std::size_t kept = 0;
        workers_in_series_ = 0;
        for (std::size_t k = 0; k < into_.series.size(); k += 2, ++kept) {
            workers_in_series_ += into_.series[k].workers.size() + 1;
            if (k != kept) {
                into_.series[kept] = std::move(into_.series[k]);
            }
        }
        into_.series.resize(kept);
        stride_ *= 2;
    }
}

bool record_reader::take_threads(payload_bytes payload) {
    std::vector<thread> threads;
    if (!decode(payload, [&](auto& from) { trace::threads_fields(from, threads); })) {
        return false;
    }
    sum blocked;
    for (const thread& one : threads) {
        blocked.add(one.blocked);
    }
    if (!blocked.ok()) {
        return false;
    }
    into_.threads = std::move(threads);
    return true;
}

bool record_reader::take_kinds(payload_bytes payload) {
    std::vector<kind> kinds;
    if (!decode(payload, [&](auto& from) { trace::kinds_fields(from, kinds); })) {
        return false;
    }
    if (!are_kinds(kinds)) {
        return false;
    }
    into_.kinds = std::move(kinds);
    return true;
}

bool record_reader::take_runtimes(payload_bytes payload) {
    std::vector<runtime> runtimes;
    if (!decode(payload, [&](auto& from) { trace::runtimes_fields(from, runtimes); })) {
        return false;
    }
    for (runtime& one : runtimes) {
        if (!are_accounts(one.total, into_.counts.size()) || !are_kinds(one.kinds)) {
            return false;
        }
        make_printable(one.name);
    }
    into_.runtimes = std::move(runtimes);
    return true;
}

bool record_reader::take_regions(payload_bytes payload) {
    std::vector<region> regions;
    if (!decode(payload, [&](auto& from) { trace::regions_fields(from, regions); })) {
        return false;
    }
    for (region& one : regions) {
        if (!is_time(one.wall) || !is_time(one.in_verbs) || !is_time(one.late_sum) ||
            !are_workers({one.all})) {
            return false;
        }
        make_printable(one.name);
        one.all.counts.clear();
    }
    into_.regions = std::move(regions);
    return true;
}

bool record_reader::take_names(payload_bytes payload) {
    trace::name_table names;
    if (!decode(payload, [&](auto& from) { trace::names_fields(from, names); })) {
        return false;
    }
    const auto keep = [](auto& in, std::vector<trace::numbered_name>& from) {
        for (trace::numbered_name& one : from) {
            make_printable(one.name);
            in.insert_or_assign(one.number, std::move(one.name));
        }
    };
    keep(into_.kind_names, names.kinds);
    keep(into_.region_paths, names.regions);
    return true;
}

bool record_reader::take_responses(payload_bytes payload) {
    std::vector<responses> by_priority;
    if (!decode(payload, [&](auto& from) { trace::responses_fields(from, by_priority); })) {
        return false;
    }
    for (const responses& one : by_priority) {
        if (!is_time(one.longest) || !is_time(one.sum.value_or(0)) ||
            !is_time(one.late_sum.value_or(0)) || !is_histogram(one.sampled)) {
            return false;
        }
    }
    into_.by_priority = std::move(by_priority);
    return true;
}

bool record_reader::take_hardware(payload_bytes payload) {
    hardware counted;
    if (!decode(payload, [&](auto& from) { trace::hardware_fields(from, counted); })) {
        return false;
    }
    make_printable(counted.counters_absent);
    make_printable(counted.joules_absent);
    into_.counted = std::move(counted);
    return true;
}

bool record_reader::take_machine(payload_bytes payload) {
    machine where;
    if (!decode(payload, [&](auto& from) { trace::machine_fields(from, where); })) {
        return false;
    }
    for (std::string* text : {&where.build_id, &where.no_build_id, &where.no_places}) {
        make_printable(*text);
    }
    into_.where = std::move(where);
    return true;
}

bool record_reader::take_joules(payload_bytes payload) {
    double joules = 0;
    const bool ok = decode(payload, [&](auto& from) { from.real(joules); }) && is_amount(joules);
    if (ok) {
        into_.joules = joules;
    }
    return ok;
}

bool record_reader::take_note(payload_bytes payload) {
    std::string text;
    if (!decode(payload, [&](auto& from) { from.text(text); })) {
        return false;
    }
    make_printable(text);
    if (into_.notes.size() < most_notes) {
        into_.notes.push_back(std::move(text));
    }
    return true;
}

bool record_reader::take_clock(payload_bytes payload) {
    trace::clock_reading reading;
    const bool ok = decode(payload, [&](auto& from) { trace::clock_fields(from, reading); });
    if (ok) {
        clock_.set(reading);
    }
    return ok;
}

bool record_reader::take_end(payload_bytes payload) {
    trace::file_end end;
    const bool ok = decode(payload, [&](auto& from) { trace::end_fields(from, end); });
    if (ok) {
        clock_.set(end.clock);
        end_ = end;
    }
    return ok;
}

} // namespace twill::profile

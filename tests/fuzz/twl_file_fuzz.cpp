// SPDX-License-Identifier: Apache-2.0
// The reader of profile files: whatever the bytes are, it returns a profile that keeps its
// promises, or one line that begins with the file and a byte of it. Each input is read twice: as it
// is, and with the checks of its chunks made right, so that the fuzzer gets to what is in them.
#include "plan_file/error.hpp"
#include "profile/read.hpp"
#include "trace/crc32c.hpp"
#include "trace/format.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace trace = twill::trace;
using twill::profile::profile;

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "twl_file_fuzz: %s\n", what);
        std::abort();
    }
}

void check_text(const std::string& text) {
    expect(twill::tool::is_utf8(text), "UTF-8");
    expect(std::none_of(text.begin(), text.end(),
                        [](char one) { return static_cast<unsigned char>(one) < 0x20; }),
           "no control characters");
}

void check_histogram(const twill::profile::histogram& one) {
    expect(one.upper.size() == one.count.size(), "a histogram has a count for each bucket");
    expect(std::is_sorted(one.upper.begin(), one.upper.end()), "the buckets go up");
}

void check_accounts(const twill::profile::accounts& one, std::size_t counts) {
    expect(one.wall >= 0 && one.in_verbs >= 0 && one.awake_limit >= 0, "times of accounts");
    std::int64_t all = 0; // overflow ends an instrumented build
    for (const twill::profile::worker& worker : one.workers) {
        expect(worker.counts.size() == counts, "a count for each name");
        expect(worker.open >= 0 && worker.useful >= 0 && worker.dispatch >= 0 &&
                   worker.search >= 0 && worker.parked >= 0 && worker.over >= 0,
               "times of a worker");
        all += worker.open + worker.useful + worker.dispatch + worker.search + worker.parked;
    }
    expect(all >= 0, "the sum over the workers");
}

void check_kinds(const std::vector<twill::profile::kind>& kinds) {
    for (const twill::profile::kind& kind : kinds) {
        check_text(kind.name);
        check_histogram(kind.sampled);
    }
}

void check_profile(const profile& one, std::size_t size) {
    check_text(one.program);
    check_text(one.build);
    check_text(one.host);
    check_text(one.mode);
    expect(one.ticks_per_nanosecond > 0 && std::isfinite(one.ticks_per_nanosecond), "the rate");
    expect(!one.quota || (std::isfinite(*one.quota) && *one.quota >= 0), "the quota");
    expect(!one.joules || (std::isfinite(*one.joules) && *one.joules >= 0), "the energy");
    check_accounts(one.total, one.counts.size());
    for (const twill::profile::accounts& then : one.series) {
        check_accounts(then, one.counts.size());
    }
    check_kinds(one.kinds);
    std::int64_t blocked = 0;
    for (const twill::profile::thread& thread : one.threads) {
        expect(thread.blocked >= 0, "times of a thread");
        blocked += thread.blocked;
    }
    expect(blocked >= 0, "the sum over the threads");
    for (const twill::profile::runtime& beside : one.runtimes) {
        check_text(beside.name);
        check_accounts(beside.total, one.counts.size());
        check_kinds(beside.kinds);
    }
    for (const twill::profile::region& region : one.regions) {
        check_text(region.name);
        expect(region.late_sum >= 0, "lateness");
    }
    for (const auto* names : {&one.kind_names, &one.region_paths}) {
        for (const auto& [number, name] : *names) {
            check_text(name);
        }
    }
    for (const twill::profile::responses& level : one.by_priority) {
        check_histogram(level.sampled);
        expect(level.sum.value_or(0) >= 0 && level.late_sum.value_or(0) >= 0, "times of responses");
    }
    if (one.where) {
        check_text(one.where->build_id);
        check_text(one.where->no_build_id);
        check_text(one.where->no_places);
    }
    if (one.counted) {
        check_text(one.counted->counters_absent);
        check_text(one.counted->joules_absent);
    }
    for (const std::string& note : one.notes) {
        check_text(note);
    }
    expect(one.events <= size / 8, "no more events than bytes for them");
    expect(one.strands.has_value() == one.no_dag.empty(), "a DAG, or why there is none");
    if (one.strands) {
        check_histogram(one.strands->strand_lengths);
        expect(one.strands->strands <= 3 * one.events, "strands end at events");
    }
}

void check_error(std::string_view text, std::size_t size) {
    constexpr std::string_view begin = "name:";
    expect(text.substr(0, begin.size()) == begin, "an error begins with the file");
    text.remove_prefix(begin.size());
    const std::size_t digits = std::min(text.find(':'), text.size());
    const unsigned long long byte =
        std::strtoull(std::string(text.substr(0, digits)).c_str(), nullptr, 10);
    expect(byte <= size, "an error's byte");
    expect(text.size() > digits + 2 && text.size() < 500, "an error has a reason");
    check_text(std::string(text));
}

void read(std::span<const std::byte> bytes) {
    try {
        const profile result = twill::profile::read(bytes, "name");
        check_profile(result, bytes.size());
        std::uint64_t events = 0;
        twill::profile::for_each_event(bytes, "name", [&](const twill::profile::event& one) {
            expect(one.type != trace::event_type::time && one.type != trace::event_type::second,
                   "an event is none of its parts");
            ++events;
        });
        expect(events == result.events, "as many events as were counted");
    } catch (const twill::tool::file_error& error) {
        check_error(error.what(), bytes.size());
    }
}

/// The same with right marks and checks, as far as the sizes lead.
std::vector<std::byte> repaired(std::span<const std::byte> bytes) {
    std::vector<std::byte> result(bytes.begin(), bytes.end());
    std::size_t at = trace::prologue_size;
    while (at + trace::chunk_header_size <= result.size()) {
        trace::chunk_header header = trace::chunk_header_at(result.data() + at);
        const std::size_t left = result.size() - at - trace::chunk_header_size;
        header.mark = trace::chunk_mark;
        header.size = static_cast<std::uint32_t>(std::min<std::size_t>(
            header.size, left / trace::chunk_alignment * trace::chunk_alignment));
        trace::put(result.data() + at, header);
        const std::size_t whole = trace::chunk_header_size + trace::padded(header.size);
        header.check = trace::crc32c(
            std::span(result).subspan(at + trace::checked_from, whole - trace::checked_from));
        trace::put(result.data() + at, header);
        at += whole;
    }
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    read(bytes);
    read(repaired(bytes));
    return 0;
}

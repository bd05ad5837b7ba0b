// SPDX-License-Identifier: Apache-2.0
#include "profile/read.hpp"

#include "plan_file/error.hpp"
#include "profile/cursor.hpp"
#include "profile/dag.hpp"
#include "profile/input.hpp"
#include "profile/records.hpp"
#include "profile/scan.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace twill::profile {

namespace {

using tool::file_error;

void read_prologue(const input& file, const std::string& name, profile& into) {
    std::array<std::byte, trace::prologue_size> bytes{};
    const std::size_t count = file.read(0, bytes);
    const std::size_t known = std::min(count, trace::magic.size());
    for (std::size_t k = 0; k < known; ++k) {
        if (bytes[k] != std::byte{trace::magic[k]}) {
            throw file_error(name, k, "no profile file of Twill");
        }
    }
    if (count < bytes.size()) {
        throw file_error(name, count, "the file ends before its version");
    }
    constexpr std::size_t version_at = trace::magic.size();
    into.version = trace::little_endian<std::uint32_t>(bytes.data() + version_at);
    if (into.version < trace::oldest_version || into.version > trace::format_version) {
        throw file_error(name, version_at,
                         fmt::format("version {} of the format; this program reads {} to {}",
                                     into.version, trace::oldest_version, trace::format_version));
    }
    constexpr std::size_t mark_at = version_at + 4;
    if (trace::little_endian<std::uint32_t>(bytes.data() + mark_at) != trace::byte_order_mark) {
        throw file_error(name, mark_at, "the byte order mark is wrong");
    }
}

/// The scan of a file whose header is good.
struct opened {
    scan_result chunks;
    tick_clock clock;
};

opened open(const input& file, const std::string& name, profile& into) {
    read_prologue(file, name, into);
    record_reader records(into);
    note_list notes(into.notes);
    opened result;
    result.chunks =
        scan(file, notes, [&](trace::chunk_type type, std::span<const std::byte> payload) {
            return records.take(type, payload);
        });
    if (!records.has_header()) {
        throw file_error(name, trace::prologue_size, "the header is missing or broken");
    }
    into.complete = records.end().has_value();
    if (const auto& end = records.end();
        end && result.chunks.lost == 0 &&
        (end->chunks != result.chunks.chunks || end->events != result.chunks.all.count ||
         end->dropped != result.chunks.all.dropped)) {
        result.chunks.lost = std::max<std::uint64_t>(
            1, end->chunks > result.chunks.chunks ? end->chunks - result.chunks.chunks : 0);
        notes.add(fmt::format("the end tells of {} chunks with {} events and {} dropped; there are "
                              "{} with {} and {}",
                              end->chunks, end->events, end->dropped, result.chunks.chunks,
                              result.chunks.all.count, result.chunks.all.dropped));
    }
    if (!into.complete) {
        notes.add("the file has no end: the program was killed, the disk was full, or it still "
                  "writes; what is shown is up to the last whole chunk");
    }
    notes.finish();
    result.chunks.has_end = into.complete;
    result.clock = records.clock();
    into.ticks_per_nanosecond = result.clock.ticks_per_nanosecond();
    into.events = result.chunks.all.count;
    into.dropped = result.chunks.all.dropped;
    return result;
}

// The identity that every writer keeps; what does not is shown, and named.
void check_sums(profile& of) {
    for (std::size_t k = 0; k < of.total.workers.size(); ++k) {
        const worker& one = of.total.workers[k];
        const nanoseconds parts =
            one.useful + one.dispatch + one.search + one.parked + one.preempted.value_or(0);
        if (parts != one.open) {
            of.notes.push_back(fmt::format("the columns of worker {} add up to {} ns, and it was "
                                           "open for {} ns",
                                           k, parts, one.open));
            return; // one is enough to tell
        }
    }
}

/// The row of a runtime beside the default one; a new one if the file has no accounts of it.
runtime& row_of(std::map<std::uint32_t, std::size_t>& rows, std::uint32_t number, profile& into) {
    const auto [at, fresh] = rows.try_emplace(number, into.runtimes.size());
    if (fresh) {
        into.runtimes.emplace_back().number = number;
        into.runtimes.back().name = "(no accounts)";
    }
    return into.runtimes[at->second];
}

/// Those of all runtimes, each by itself: nothing is joined across them.
void compute_dags(const input& file, opened& found, profile& into) {
    std::vector<event_chunk>& chunks = found.chunks.events;
    // Within a runtime the order of the file. A stable sort of this C++ library asks for memory in
    // a way that clang calls deprecated.
    std::sort(chunks.begin(), chunks.end(), [](const event_chunk& a, const event_chunk& b) {
        return std::pair(a.whose.runtime, a.offset) < std::pair(b.whose.runtime, b.offset);
    });
    found.chunks.runtimes.try_emplace(0);
    std::map<std::uint32_t, std::size_t> rows;
    for (std::size_t k = 0; k < into.runtimes.size(); ++k) {
        if (const std::uint32_t number = into.runtimes[k].number; number != 0) {
            rows.emplace(number, k);
            found.chunks.runtimes.try_emplace(number);
        }
    }
    note_list notes(into.notes);
    auto first = chunks.begin();
    for (const auto& [number, sums] : found.chunks.runtimes) {
        const auto last = std::find_if(first, chunks.end(), [of = number](const auto& one) {
            return one.whose.runtime != of;
        });
        dag_result made =
            compute_dag(file, found.chunks, {first, last}, sums, found.clock, into.steal_takes);
        first = last;
        if (number == 0) {
            into.strands = std::move(made.strands);
            into.no_dag = std::move(made.no_dag);
        } else {
            runtime& one = row_of(rows, number, into);
            one.strands = std::move(made.strands);
            one.no_dag = std::move(made.no_dag);
            one.events = sums.count;
            one.dropped = sums.dropped;
        }
        for (const std::string& note : made.notes) {
            notes.add(number == 0 ? note : fmt::format("runtime {}: {}", number, note));
        }
    }
    notes.finish();
}

profile read(const input& file, const std::string& name) {
    profile result;
    opened found = open(file, name, result);
    check_sums(result);
    compute_dags(file, found, result);
    return result;
}

void for_each_event(const input& file, const std::string& name,
                    const std::function<void(const event&)>& visit) {
    profile unused;
    opened found = open(file, name, unused);
    std::vector<event_chunk>& chunks = found.chunks.events;
    std::sort(chunks.begin(), chunks.end(), [](const event_chunk& a, const event_chunk& b) {
        return std::pair(a.whose.track(), a.offset) < std::pair(b.whose.track(), b.offset);
    });
    for (auto first = chunks.begin(); first != chunks.end();) {
        const auto last = std::find_if(first, chunks.end(), [&](const event_chunk& one) {
            return one.whose.track() != first->whose.track();
        });
        event_cursor cursor(file, {first, last});
        timed_event one;
        while (cursor.next(one)) {
            visit({.thread = first->whose.thread,
                   .time = found.clock.time(one.tick),
                   .type = one.type,
                   .payload = one.payload,
                   .has_second = one.has_second,
                   .second = one.second,
                   .runtime = first->whose.runtime});
        }
        first = last;
    }
}

/// Errors of the system as errors of the file.
template <class Use>
auto with_file(const std::string& path, Use&& use) {
    try {
        const input file(path);
        return use(file);
    } catch (const std::system_error& error) {
        throw file_error(path, 0, error.code().message());
    } catch (const std::invalid_argument& error) {
        throw file_error(path, 0, error.what());
    }
}

} // namespace

profile read(const std::string& path) {
    return with_file(path, [&](const input& file) { return read(file, path); });
}

profile read(std::span<const std::byte> bytes, const std::string& name) {
    return read(input(bytes), name);
}

void for_each_event(const std::string& path, const std::function<void(const event&)>& visit) {
    with_file(path, [&](const input& file) { for_each_event(file, path, visit); });
}

void for_each_event(std::span<const std::byte> bytes, const std::string& name,
                    const std::function<void(const event&)>& visit) {
    for_each_event(input(bytes), name, visit);
}

} // namespace twill::profile

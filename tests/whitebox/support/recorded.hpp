// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Reads a profile file as it stands, and checks that what is in it balances.

#include "trace/codec.hpp"
#include "trace/crc32c.hpp"
#include "trace/format.hpp"
#include "trace/records.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace twill::testing_support {

using trace::event_type;

/// An event with its second word, if it has one, and its absolute time.
struct recorded_event {
    event_type type;
    std::uint32_t payload;
    std::uint64_t ticks;
    std::uint64_t second = 0;
};

/// A file, taken apart.
struct recorded_file {
    trace::file_header header;
    std::map<std::uint32_t, std::vector<recorded_event>> threads; ///< by thread_of::track()
    std::vector<trace::accounts> series;
    trace::kind_table kinds;
    trace::region_table regions;
    trace::response_table responses;
    trace::runtime_table runtimes;
    std::map<std::uint32_t, std::string> kind_names;
    std::map<std::uint32_t, std::string> region_paths;
    std::optional<trace::file_end> end;
    std::uint64_t dropped = 0;

    [[nodiscard]] std::size_t count(event_type of) const {
        std::size_t all = 0;
        for (const auto& [thread, events] : threads) {
            for (const recorded_event& one : events) {
                all += one.type == of ? 1 : 0;
            }
        }
        return all;
    }
    /// Of the threads of one runtime.
    [[nodiscard]] std::size_t count_in(std::uint32_t runtime, event_type of) const {
        std::size_t all = 0;
        for (const auto& [track, events] : threads) {
            for (const recorded_event& one : events) {
                all += track >> trace::thread_bits == runtime && one.type == of ? 1 : 0;
            }
        }
        return all;
    }
    /// Of those whose number has this name.
    [[nodiscard]] std::size_t count(event_type of, const std::string& name) const {
        const bool kind = of == event_type::kind_begin || of == event_type::kind_end;
        std::size_t all = 0;
        for (const auto& [thread, events] : threads) {
            for (const recorded_event& one : events) {
                all += one.type == of && (kind ? kind_names : region_paths).at(one.payload) == name
                           ? 1
                           : 0;
            }
        }
        return all;
    }
    [[nodiscard]] std::size_t events() const {
        std::size_t all = 0;
        for (const auto& [thread, events] : threads) {
            all += events.size();
        }
        return all;
    }
    [[nodiscard]] std::size_t roots(trace::root_why why) const {
        std::size_t all = 0;
        for (const auto& [thread, events] : threads) {
            for (const recorded_event& one : events) {
                all += one.type == event_type::root_begin &&
                               one.payload == static_cast<std::uint32_t>(why)
                           ? 1
                           : 0;
            }
        }
        return all;
    }
};

inline void take_events(recorded_file& into, std::uint32_t thread,
                        const std::vector<std::byte>& bytes, std::size_t at, std::size_t size) {
    std::vector<recorded_event>& events = into.threads[thread];
    std::uint64_t time = trace::little_endian<std::uint64_t>(bytes.data() + at);
    bool first = true;
    for (std::size_t k = at + 8; k + 8 <= at + size; k += 8) {
        const auto word = trace::little_endian<std::uint64_t>(bytes.data() + k);
        time += first ? 0 : trace::ticks_of(word);
        first = false;
        const event_type type = trace::type_of(word);
        if (type == event_type::second) {
            ASSERT_FALSE(events.empty());
            events.back().second = trace::wide_of(word);
        } else if (type != event_type::time) {
            ASSERT_TRUE(events.empty() || events.back().ticks <= time);
            events.push_back({type, trace::payload_of(word), time});
            // A file that is cut off anywhere has the names of what is in it.
            if (type == event_type::kind_begin || type == event_type::kind_end) {
                ASSERT_EQ(into.kind_names.count(events.back().payload), 1u);
            }
            if (type == event_type::region_begin || type == event_type::region_end) {
                ASSERT_EQ(into.region_paths.count(events.back().payload), 1u);
            }
        }
    }
}

inline void take_names(recorded_file& into, trace::decoder& from) {
    trace::name_table names;
    trace::names_fields(from, names);
    for (const trace::numbered_name& one : names.kinds) {
        EXPECT_TRUE(into.kind_names.emplace(one.number, one.name).second) << one.number;
    }
    for (const trace::numbered_name& one : names.regions) {
        EXPECT_TRUE(into.region_paths.emplace(one.number, one.name).second) << one.number;
    }
}

/// A killed program leaves what it was about to write.
enum class last_chunk : bool { is_whole, may_be_cut };

/// Every chunk must be whole, and each thread's chunks in their order.
inline recorded_file read_recorded(const std::string& path,
                                   last_chunk last = last_chunk::is_whole) {
    recorded_file result;
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    const std::vector<char> text((std::istreambuf_iterator<char>(file)), {});
    std::vector<std::byte> bytes;
    for (const char one : text) {
        bytes.push_back(static_cast<std::byte>(one));
    }
    std::map<std::uint32_t, std::uint32_t> next;
    std::size_t at = trace::prologue_size;
    while (at + trace::chunk_header_size <= bytes.size()) {
        const trace::chunk_header header = trace::chunk_header_at(bytes.data() + at);
        const std::size_t payload = at + trace::chunk_header_size;
        const std::size_t size = trace::padded(header.size);
        if (last == last_chunk::may_be_cut && payload + size > bytes.size()) {
            return result;
        }
        if (header.mark != trace::chunk_mark || payload + size > bytes.size()) {
            ADD_FAILURE() << "broken chunk at " << at;
            return result;
        }
        const std::span<const std::byte> all(bytes);
        const auto checked = all.subspan(at + trace::checked_from,
                                         trace::chunk_header_size - trace::checked_from + size);
        EXPECT_EQ(header.check, trace::crc32c(checked));
        const bool of_file = header.thread > trace::largest_thread;
        const std::uint32_t track =
            of_file ? header.thread : trace::thread_of(header.thread, header.runtime).track();
        EXPECT_EQ(header.sequence, next[track]++);
        EXPECT_FALSE(result.end.has_value());
        result.dropped += header.dropped;
        trace::decoder from(all.subspan(payload, header.size));
        switch (static_cast<trace::chunk_type>(header.type)) {
        case trace::chunk_type::header:
            trace::header_fields(from, result.header);
            break;
        case trace::chunk_type::events:
            take_events(result, track, bytes, payload, header.size);
            break;
        case trace::chunk_type::accounts:
            trace::accounts_fields(from, result.series.emplace_back());
            break;
        case trace::chunk_type::kinds:
            trace::kinds_fields(from, result.kinds.kinds);
            break;
        case trace::chunk_type::regions:
            trace::regions_fields(from, result.regions.regions);
            break;
        case trace::chunk_type::responses:
            trace::responses_fields(from, result.responses.by_priority);
            break;
        case trace::chunk_type::runtimes:
            trace::runtimes_fields(from, result.runtimes.runtimes);
            break;
        case trace::chunk_type::names:
            take_names(result, from);
            break;
        case trace::chunk_type::end:
            trace::end_fields(from, result.end.emplace());
            break;
        default:
            break;
        }
        EXPECT_TRUE(from.ok());
        at = payload + size;
    }
    EXPECT_TRUE(at == bytes.size() || last == last_chunk::may_be_cut);
    return result;
}

/// What is open on one thread, and how far it is.
enum class open : std::uint8_t { fork, second, ended, loop, root, task, wait, kind, region };

/// Takes `one` to the stack of what is open; false if it does not fit there.
inline bool fits(std::vector<open>& stack, const recorded_event& one) {
    const auto top = [&stack](std::initializer_list<open> any) {
        for (const open each : any) {
            if (!stack.empty() && stack.back() == each) {
                return true;
            }
        }
        return false;
    };
    const auto begin = [&stack](open what) {
        stack.push_back(what);
        return true;
    };
    const auto end = [&](open what) {
        const bool is = top({what});
        if (is) {
            stack.pop_back();
        }
        return is;
    };
    switch (one.type) {
    case event_type::fork:
        return begin(open::fork);
    case event_type::join_own:
        return end(open::fork) && begin(open::second);
    case event_type::join_stolen:
        return end(open::fork) && begin(open::ended);
    case event_type::sync:
        return end(open::second) || end(open::ended);
    case event_type::loop_begin:
        return begin(open::loop);
    case event_type::block:
    case event_type::loop_stolen:
        return top({open::loop, open::root, open::kind}); // a root's own kind is inside of it
    case event_type::loop_end:
        return end(open::loop);
    case event_type::root_begin:
        return begin(open::root);
    case event_type::root_end:
        return end(open::root);
    case event_type::task_begin:
        return begin(open::task);
    case event_type::task_end:
        return end(open::task);
    case event_type::wait_begin:
        return begin(open::wait);
    case event_type::wait_end:
        return end(open::wait);
    case event_type::kind_begin:
        return begin(open::kind);
    case event_type::kind_end:
        return end(open::kind);
    case event_type::region_begin:
        return begin(open::region);
    case event_type::region_end:
        return end(open::region);
    default:
        return true;
    }
}

/// Everything that began has ended, in the order of calls, and whatever was joined as stolen is a
/// root of another thread, each once. `to_the_end`: false for a file that was stopped, or begun, in
/// the middle, in which something may be open at the end, and be begun on a thread that was inside.
inline void expect_balanced(const recorded_file& file, bool to_the_end = true) {
    std::multiset<std::pair<std::uint32_t, std::uint32_t>> joined;
    std::multiset<std::pair<std::uint32_t, std::uint32_t>> taken;
    for (const auto& [thread, events] : file.threads) {
        const std::uint32_t runtime = thread & ~trace::largest_thread; // links stay within it
        std::vector<open> stack;
        for (std::size_t k = 0; k < events.size(); ++k) {
            const recorded_event& one = events[k];
            const bool of_a_loop =
                one.type == event_type::block || one.type == event_type::loop_stolen;
            if (!fits(stack, one) && !(of_a_loop && !to_the_end && stack.empty())) {
                ADD_FAILURE() << "thread " << thread << ": event " << k << " of type "
                              << static_cast<int>(one.type) << " does not fit";
                break;
            }
            const trace::root_link link = trace::root_from(one.second);
            if (one.type == event_type::join_stolen || one.type == event_type::loop_stolen) {
                EXPECT_NE(runtime | link.thread, thread);
                joined.insert({runtime | link.thread, link.epoch});
            }
            if (one.type == event_type::root_begin &&
                (one.payload == static_cast<std::uint32_t>(trace::root_why::steal) ||
                 one.payload == static_cast<std::uint32_t>(trace::root_why::leapfrog))) {
                EXPECT_NE(runtime | link.thread, thread);
                taken.insert({thread, link.epoch});
            }
        }
        if (to_the_end) {
            EXPECT_TRUE(stack.empty()) << "thread " << thread << " has " << stack.size() << " open";
        }
    }
    if (to_the_end) {
        EXPECT_EQ(joined, taken);
    }
    if (file.end) {
        EXPECT_EQ(file.end->events, file.events());
        EXPECT_EQ(file.end->dropped, file.dropped);
    }
}

} // namespace twill::testing_support

// SPDX-License-Identifier: Apache-2.0
// profile_scale EVENTS [FILE]: writes a full record of about so many events on eight threads, as of
// recursions with stolen branches, reads it, and tells how long that took and how much memory.
#include "profile/read.hpp"
#include "trace/file_writer.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

namespace trace = twill::trace;
using trace::event_type;

constexpr std::uint32_t threads = 8;
constexpr int stolen_depth = 12; // of a stolen branch: 2^12 leaves

/// The events of one thread, written in chunks as a ring would.
class stream {
public:
    stream(trace::file_writer& writer, std::uint32_t thread) : writer_(writer), thread_(thread) {}

    void put(event_type type, std::uint32_t payload, std::uint64_t ticks) {
        if (words_.size() >= chunk) {
            flush();
        }
        if (words_.empty()) {
            first_ = now_ + ticks;
        }
        now_ += ticks;
        words_.push_back(trace::event_word(type, payload, ticks));
        ++events;
    }
    void link(event_type type, std::uint32_t payload, trace::root_link to) {
        put(type, payload, 10);
        words_.push_back(trace::wide_word(event_type::second, trace::wide_from(to)));
    }
    void tree(int depth) {
        if (depth == 0) {
            return;
        }
        put(event_type::fork, 0, 20);
        tree(depth - 1);
        put(event_type::join_own, 0, 30);
        tree(depth - 1);
        put(event_type::sync, 0, 25);
    }
    void flush() {
        if (!writer_.write_events(thread_, first_, words_, 0)) {
            std::exit(1);
        }
        words_.clear();
    }
    std::uint64_t events = 0;

private:
    static constexpr std::size_t chunk = 8'192;
    trace::file_writer& writer_;
    std::uint32_t thread_;
    std::vector<std::uint64_t> words_;
    std::uint64_t first_ = 0;
    std::uint64_t now_ = 0;
};

/// Thread 0 forks again and again, and another thread runs each second branch.
void write(const char* path, std::uint64_t events) {
    trace::file_header header;
    header.program = "profile_scale";
    header.ticks_per_nanosecond = 1;
    header.mode = "full";
    trace::file_writer writer;
    if (!writer.open(path, header, trace::existing_file::overwrite)) {
        std::exit(1);
    }
    std::vector<stream> streams;
    for (std::uint32_t k = 0; k < threads; ++k) {
        streams.emplace_back(writer, k);
        streams[k].put(event_type::activity,
                       trace::activity_payload(trace::activity_kind::useful, k), 1);
    }
    stream& first = streams[0];
    first.link(event_type::root_begin, 2, {});
    std::uint64_t written = 0;
    for (std::uint32_t round = 0; written < events; ++round) {
        const std::uint32_t thief = 1 + round % (threads - 1);
        first.put(event_type::fork, 0, 5);
        first.tree(stolen_depth - 2);
        first.link(event_type::join_stolen, 0, {thief, round});
        first.put(event_type::sync, 0, 5);
        streams[thief].link(event_type::root_begin, 0, {0, round});
        streams[thief].tree(stolen_depth);
        streams[thief].put(event_type::root_end, 0, 5);
        written = 0;
        for (const stream& one : streams) {
            written += one.events;
        }
    }
    first.put(event_type::root_end, 0, 5);
    for (stream& one : streams) {
        one.flush();
    }
    if (!writer.finish({})) {
        std::exit(1);
    }
}

} // namespace

int main(int count, char** arguments) {
    const std::uint64_t events = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 0;
    if (events == 0 || count > 3) {
        std::fprintf(stderr, "usage: profile_scale EVENTS [FILE]\n");
        return 2;
    }
    const std::string path =
        count > 2 ? arguments[2] : "profile_scale." + std::to_string(::getpid()) + ".twl";
    write(path.c_str(), events);
    const auto begin = std::chrono::steady_clock::now();
    const twill::profile::profile result = twill::profile::read(path);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    rusage usage = {};
    ::getrusage(RUSAGE_SELF, &usage);
    if (count <= 2) {
        ::unlink(path.c_str());
    }
    std::printf("%llu events in %.2f s, %ld MB: %s\n",
                static_cast<unsigned long long>(result.events), took.count(),
                usage.ru_maxrss / 1024, result.strands ? "work and span" : result.no_dag.c_str());
    return result.strands && result.complete && result.events >= events &&
                   result.strands->span > 0 && result.strands->span < result.strands->work
               ? 0
               : 1;
}

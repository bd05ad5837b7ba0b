// SPDX-License-Identifier: Apache-2.0
// A Perfetto trace: a message Trace of packets, by the field numbers of Perfetto's public schema.
#include "export/formats.hpp"
#include "export/timeline.hpp"

#include <fmt/format.h>
#include <protozero/pbf_builder.hpp>

namespace twill::tool {

namespace {

// Of Perfetto's protos/perfetto/trace: the messages and fields that are written.
enum class trace_file : protozero::pbf_tag_type { packet = 1 };
enum class packet : protozero::pbf_tag_type {
    clock_snapshot = 6,
    timestamp = 8,
    trusted_packet_sequence_id = 10,
    track_event = 11,
    interned_data = 12,
    sequence_flags = 13,
    track_descriptor = 60,
};
enum class clock_snapshot : protozero::pbf_tag_type { clocks = 1 };
enum class snapshot_clock : protozero::pbf_tag_type { clock_id = 1, timestamp = 2 };
enum class track_descriptor : protozero::pbf_tag_type {
    uuid = 1,
    name = 2,
    process = 3,
    thread = 4,
    parent_uuid = 5,
};
enum class process_descriptor : protozero::pbf_tag_type { pid = 1, process_name = 6 };
enum class thread_descriptor : protozero::pbf_tag_type { pid = 1, tid = 2, thread_name = 5 };
enum class track_event : protozero::pbf_tag_type {
    category_iids = 3,
    type = 9,
    name_iid = 10,
    track_uuid = 11,
};
enum class interned_data : protozero::pbf_tag_type { event_categories = 1, event_names = 2 };
enum class interned_string : protozero::pbf_tag_type { iid = 1, name = 2 };

constexpr std::int32_t slice_begin = 1;
constexpr std::int32_t slice_end = 2;
constexpr std::int32_t instant_event = 3;
constexpr std::uint32_t realtime = 1;
constexpr std::uint32_t boottime = 6; // what timestamps are in if nothing else is said
constexpr std::uint32_t state_cleared = 1;
constexpr std::uint32_t needs_state = 2;

constexpr std::uint64_t process_uuid = 1;
constexpr std::uint64_t track_of(std::uint32_t thread, lane on) {
    return 2 + std::uint64_t{thread} * lanes + static_cast<std::uint64_t>(on);
}

/// An event of a thread that was late may be a little before the start.
constexpr std::uint64_t since_start(profile::nanoseconds at) {
    return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

class writer final : public timeline_sink {
public:
    writer(const profile::profile& of, output_file& to) : of_(of), to_(to) {
        // Timestamps count from the start of the recording.
        message(0, [&](auto& one) {
            protozero::pbf_builder<clock_snapshot> snapshot(one, packet::clock_snapshot);
            add_clock(snapshot, realtime, static_cast<std::uint64_t>(of.started));
            add_clock(snapshot, boottime, 0);
        });
        message(0, [&](auto& one) {
            protozero::pbf_builder<track_descriptor> track(one, packet::track_descriptor);
            track.add_uint64(track_descriptor::uuid, process_uuid);
            protozero::pbf_builder<process_descriptor> process(track, track_descriptor::process);
            process.add_int32(process_descriptor::pid, static_cast<std::int32_t>(of.pid));
            process.add_string(process_descriptor::process_name, of.program);
        });
    }

    void names_from(const timeline& source) { names_ = &source.names(); }

    void thread(std::uint32_t number) override {
        const std::string name = name_of_track(of_, number);
        message(number, [&](auto& one) {
            protozero::pbf_builder<track_descriptor> track(one, packet::track_descriptor);
            track.add_uint64(track_descriptor::uuid, track_of(number, lane::tasks));
            track.add_uint64(track_descriptor::parent_uuid, process_uuid);
            protozero::pbf_builder<thread_descriptor> thread(track, track_descriptor::thread);
            thread.add_int32(thread_descriptor::pid, static_cast<std::int32_t>(of_.pid));
            // The system's number of the thread is not recorded; this one is its own.
            thread.add_int32(thread_descriptor::tid, static_cast<std::int32_t>(number) + 1);
            thread.add_string(thread_descriptor::thread_name, name);
        });
        message(number, [&](auto& one) {
            protozero::pbf_builder<track_descriptor> track(one, packet::track_descriptor);
            track.add_uint64(track_descriptor::uuid, track_of(number, lane::activity));
            track.add_uint64(track_descriptor::parent_uuid, track_of(number, lane::tasks));
            track.add_string(track_descriptor::name, name + " activity");
        });
    }

    void begin(std::uint32_t thread, lane on, profile::nanoseconds at, name_index name,
               category of) override {
        event(thread, on, at, slice_begin, name, of);
    }

    void end(std::uint32_t thread, lane on, profile::nanoseconds at) override {
        message(thread, [&](auto& one) {
            one.add_uint64(packet::timestamp, since_start(at));
            protozero::pbf_builder<track_event> made(one, packet::track_event);
            made.add_int32(track_event::type, slice_end);
            made.add_uint64(track_event::track_uuid, track_of(thread, on));
        });
    }

    void instant(std::uint32_t thread, profile::nanoseconds at, name_index name) override {
        event(thread, lane::tasks, at, instant_event, name, category::event);
    }

    void delay(std::uint32_t thread, profile::nanoseconds at, profile::nanoseconds,
               name_index name) override {
        instant(thread, at, name);
    }

private:
    /// Names are sent once for each sequence of packets, which is a thread.
    struct sequence {
        bool begun = false;
        std::vector<bool> names;
        std::vector<bool> categories;
    };

    static void add_clock(protozero::pbf_builder<clock_snapshot>& to, std::uint32_t id,
                          std::uint64_t at) {
        protozero::pbf_builder<snapshot_clock> clock(to, clock_snapshot::clocks);
        clock.add_uint32(snapshot_clock::clock_id, id);
        clock.add_uint64(snapshot_clock::timestamp, at);
    }

    static void add_name(protozero::pbf_builder<interned_data>& to, interned_data field,
                         std::size_t number, std::string_view text) {
        protozero::pbf_builder<interned_string> one(to, field);
        one.add_uint64(interned_string::iid, number + 1);
        one.add_string(interned_string::name, text.data(), text.size());
    }

    static bool first_time(std::vector<bool>& sent, std::size_t number) {
        if (number < sent.size() && sent[number]) {
            return false;
        }
        sent.resize(std::max(sent.size(), number + 1));
        sent[number] = true;
        return true;
    }

    template <class Fill>
    void message(std::uint32_t thread, Fill fill) {
        buffer_.clear();
        {
            protozero::pbf_builder<trace_file> file(buffer_);
            protozero::pbf_builder<packet> one(file, trace_file::packet);
            one.add_uint32(packet::trusted_packet_sequence_id, thread + 1);
            sequence& state = sequences_[thread];
            one.add_uint32(packet::sequence_flags,
                           state.begun ? needs_state : state_cleared | needs_state);
            state.begun = true;
            fill(one);
        }
        to_.write(buffer_);
    }

    void event(std::uint32_t thread, lane on, profile::nanoseconds at, std::int32_t type,
               name_index name, category of) {
        message(thread, [&](auto& one) {
            sequence& state = sequences_[thread];
            const auto number = static_cast<std::size_t>(of);
            const bool new_name = first_time(state.names, name);
            const bool new_category = first_time(state.categories, number);
            if (new_name || new_category) {
                protozero::pbf_builder<interned_data> data(one, packet::interned_data);
                if (new_category) {
                    add_name(data, interned_data::event_categories, number, category_names[number]);
                }
                if (new_name) {
                    add_name(data, interned_data::event_names, name, (*names_)[name]);
                }
            }
            one.add_uint64(packet::timestamp, since_start(at));
            protozero::pbf_builder<track_event> made(one, packet::track_event);
            made.add_uint64(track_event::category_iids, number + 1);
            made.add_int32(track_event::type, type);
            made.add_uint64(track_event::name_iid, std::uint64_t{name} + 1);
            made.add_uint64(track_event::track_uuid, track_of(thread, on));
        });
    }

    const profile::profile& of_;
    output_file& to_;
    const std::vector<std::string>* names_ = nullptr;
    std::map<std::uint32_t, sequence> sequences_;
    std::string buffer_;
};

} // namespace

std::uint64_t export_perfetto(const profile::profile& of, const event_source& events,
                              output_file& to) {
    writer sink(of, to);
    timeline line(of, sink);
    sink.names_from(line);
    events([&](const recorded_event& one) { line.add(one); });
    line.finish();
    return line.unmatched();
}

} // namespace twill::tool

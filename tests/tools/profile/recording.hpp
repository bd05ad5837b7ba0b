// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/folder.hpp"
#include "trace/file_writer.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twill::profile::testing {

/// A header with a tick of one nanosecond.
inline trace::file_header plain_header() {
    trace::file_header header;
    header.program = "program --with arguments";
    header.build = "Twill 0.1";
    header.host = "Linux";
    header.ticks_per_nanosecond = 1;
    header.mode = "full";
    return header;
}

/// The events of one thread, with the time that each has.
class thread_events {
public:
    void at(std::uint64_t tick, trace::event_type type, std::uint32_t payload = 0) {
        if (words_.empty()) {
            first_tick_ = tick;
        } else if (tick - tick_ > trace::largest_delta) {
            words_.push_back(trace::wide_word(trace::event_type::time, tick - tick_));
            tick_ = tick;
        }
        words_.push_back(trace::event_word(type, payload, words_.empty() ? 0 : tick - tick_));
        tick_ = tick;
    }
    void link(std::uint64_t tick, trace::event_type type, std::uint32_t payload,
              trace::root_link to) {
        at(tick, type, payload);
        words_.push_back(trace::wide_word(trace::event_type::second, trace::wide_from(to)));
    }
    /// With 0 ticks: the thread tells of its run delay.
    void delay(std::uint64_t tick, std::uint64_t ticks) {
        at(tick, trace::event_type::delay);
        words_.push_back(trace::wide_word(trace::event_type::second, ticks));
    }
    void useful(std::uint64_t tick, bool is = true) {
        at(tick, trace::event_type::activity,
           trace::activity_payload(is ? trace::activity_kind::useful : trace::activity_kind::search,
                                   0));
    }
    /// In chunks of so many words.
    void write(trace::file_writer& to, trace::thread_of whose, std::size_t words_each) const {
        std::uint64_t tick = first_tick_;
        for (std::size_t k = 0; k < words_.size(); ++k) {
            tick += k == 0 ? 0 : trace::ticks_of(words_[k]);
            if (k % words_each == 0) {
                const std::size_t count = std::min(words_each, words_.size() - k);
                EXPECT_TRUE(to.write_events(whose, tick, std::span(words_).subspan(k, count), 0));
            }
        }
    }

private:
    std::vector<std::uint64_t> words_;
    std::uint64_t first_tick_ = 0;
    std::uint64_t tick_ = 0;
};

class profile_test : public ::testing::Test {
protected:
    [[nodiscard]] std::string path(const std::string& name = "a.twl") const {
        return folder_.path() + "/" + name;
    }
    /// Writes a file of events alone.
    void write(const std::map<std::uint32_t, thread_events>& threads,
               const trace::file_header& header = plain_header(),
               std::size_t words_each = 1'000'000) const {
        trace::file_writer writer;
        ASSERT_TRUE(writer.open(path().c_str(), header, trace::existing_file::overwrite));
        for (const auto& [number, events] : threads) {
            events.write(writer, number, words_each);
        }
        ASSERT_TRUE(writer.finish({}));
    }
    [[nodiscard]] static std::vector<std::byte> contents(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file),
                                      std::istreambuf_iterator<char>()};
        const auto view = std::as_bytes(std::span(bytes));
        return {view.begin(), view.end()};
    }

private:
    testing_support::folder folder_;
};

inline bool has_note(const std::vector<std::string>& notes, std::string_view part) {
    for (const std::string& note : notes) {
        if (note.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace twill::profile::testing

// SPDX-License-Identifier: Apache-2.0
#include "trace/codec.hpp"
#include "trace/crc32c.hpp"
#include "trace/records.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace twill::trace;

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

// RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
TEST(crc32c, published_values) {
    EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283U);
    EXPECT_EQ(crc32c(bytes_of(std::string(32, '\0'))), 0x8a9136aaU);
    EXPECT_EQ(crc32c(bytes_of(std::string(32, '\xff'))), 0x62a8ab43U);
    std::string up;
    std::string down;
    for (int k = 0; k < 32; ++k) {
        up += static_cast<char>(k);
        down += static_cast<char>(31 - k);
    }
    EXPECT_EQ(crc32c(bytes_of(up)), 0x46dd794eU);
    EXPECT_EQ(crc32c(bytes_of(down)), 0x113fdb5cU);
    EXPECT_EQ(crc32c({}), 0U);
}

TEST(crc32c, in_pieces_is_the_same) {
    std::mt19937 random(1);
    std::string text(1000, 'x');
    for (char& one : text) {
        one = static_cast<char>(random());
    }
    for (std::size_t cut = 0; cut <= 40; ++cut) {
        const auto all = bytes_of(text);
        EXPECT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), crc32c(all));
    }
}

TEST(event_words, give_back_what_went_in) {
    const std::uint64_t word = event_word(event_type::ended, largest_payload, largest_delta);
    EXPECT_EQ(type_of(word), event_type::ended);
    EXPECT_EQ(payload_of(word), largest_payload);
    EXPECT_EQ(ticks_of(word), largest_delta);
    const std::uint64_t low = event_word(event_type::fork, 0, 1);
    EXPECT_EQ(low, 3U | (std::uint64_t{1} << 30));

    EXPECT_EQ(ticks_of(wide_word(event_type::time, largest_wide)), largest_wide);
    EXPECT_EQ(wide_of(wide_word(event_type::second, largest_wide)), largest_wide);
    EXPECT_EQ(ticks_of(wide_word(event_type::second, 5)), 0U);

    const root_link link{largest_thread, largest_epoch};
    EXPECT_EQ(root_from(wide_from(link)), link);
    EXPECT_EQ(root_from(wide_from({1, 2})), (root_link{1, 2}));
    EXPECT_EQ(activity_payload(activity_kind::useful, 5), 3U | 5U << 2);
}

TEST(chunk_headers, give_back_what_went_in) {
    std::byte bytes[chunk_header_size];
    put(bytes, {chunk_mark, 1, 2, 3, 4, 5, 6, 7});
    EXPECT_EQ(std::memcmp(bytes, "CHNK\1\0\0\0\2\0\0\0\3\0\4\0\5\0\0\0\6\0\0\0\7\0\0\0\0\0\0\0",
                          sizeof bytes),
              0);
    const chunk_header back = chunk_header_at(bytes);
    EXPECT_EQ(back.mark, chunk_mark);
    EXPECT_EQ(back.check, 1U);
    EXPECT_EQ(back.size, 2U);
    EXPECT_EQ(back.type, 3U);
    EXPECT_EQ(back.runtime, 4U);
    EXPECT_EQ(back.thread, 5U);
    EXPECT_EQ(back.sequence, 6U);
    EXPECT_EQ(back.dropped, 7U);
    EXPECT_EQ(padded(0), 0U);
    EXPECT_EQ(padded(1), 8U);
    EXPECT_EQ(padded(8), 8U);
}

template <class Number>
void expect_back(Number value, std::size_t size) {
    std::vector<std::byte> bytes;
    encoder(bytes).number(value);
    EXPECT_EQ(bytes.size(), size) << value;
    decoder from(bytes);
    Number back{};
    from.number(back);
    EXPECT_TRUE(from.ok());
    EXPECT_EQ(back, value);
    EXPECT_EQ(from.position(), size);
    for (std::size_t cut = 0; cut < size; ++cut) {
        decoder short_of{std::span(bytes).first(cut)};
        short_of.number(back);
        EXPECT_FALSE(short_of.ok());
    }
}

TEST(codec, numbers) {
    expect_back(std::uint64_t{0}, 1);
    expect_back(std::uint64_t{127}, 1);
    expect_back(std::uint64_t{128}, 2);
    expect_back(std::numeric_limits<std::uint64_t>::max(), 10);
    expect_back(std::int64_t{-1}, 1);
    expect_back(std::int64_t{63}, 1);
    expect_back(std::int64_t{-65}, 2);
    expect_back(std::numeric_limits<std::int64_t>::min(), 10);
    expect_back(std::numeric_limits<std::int64_t>::max(), 10);
    expect_back(-5, 1);
}

bool decodes_to_int(const std::vector<std::uint8_t>& bytes) {
    decoder from(std::as_bytes(std::span(bytes)));
    int value = 0;
    from.number(value);
    return from.ok();
}

TEST(codec, numbers_out_of_range_are_errors) {
    EXPECT_TRUE(decodes_to_int({0xfe, 0xff, 0xff, 0xff, 0x0f}));  // 2^31 - 1
    EXPECT_FALSE(decodes_to_int({0x80, 0x80, 0x80, 0x80, 0x10})); // 2^31
    EXPECT_FALSE(decodes_to_int({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2})); // 2^64
    EXPECT_FALSE(decodes_to_int({}));
}

TEST(codec, a_list_longer_than_its_bytes_is_an_error_at_once) {
    std::vector<std::byte> bytes;
    encoder to(bytes);
    to.number(std::uint64_t{1000});
    to.number(std::uint64_t{1});
    decoder from(bytes);
    std::vector<std::uint64_t> list;
    from.list(list, most_counts, number_field);
    EXPECT_FALSE(from.ok());
    EXPECT_TRUE(list.empty());
}

TEST(codec, records_keep_every_field) {
    accounts in;
    in.wall = 1'000;
    in.in_verbs = 900;
    in.cpu = 77;
    in.awake_limit = 3;
    in.off_places = 40;
    in.workers.resize(2);
    in.workers[0] = {10, 4, 3, 2, 1, std::nullopt, 5, {1, 2, 300}};
    in.workers[1] = {20, 8, 6, 4, 2, 0, 0, {}};
    std::vector<std::byte> bytes;
    encoder to(bytes);
    accounts_fields(to, in);
    accounts out;
    decoder from(bytes);
    accounts_fields(from, out);
    ASSERT_TRUE(from.ok());
    EXPECT_EQ(from.position(), bytes.size());
    EXPECT_EQ(out.wall, in.wall);
    EXPECT_EQ(out.in_verbs, in.in_verbs);
    EXPECT_EQ(out.cpu, in.cpu);
    EXPECT_EQ(out.off_places, 40);
    EXPECT_EQ(out.awake_limit, in.awake_limit);
    ASSERT_EQ(out.workers.size(), 2U);
    EXPECT_EQ(out.workers[0].open, 10);
    EXPECT_EQ(out.workers[0].useful, 4);
    EXPECT_EQ(out.workers[0].dispatch, 3);
    EXPECT_EQ(out.workers[0].search, 2);
    EXPECT_EQ(out.workers[0].parked, 1);
    EXPECT_EQ(out.workers[0].preempted, std::nullopt);
    EXPECT_EQ(out.workers[0].over, 5);
    EXPECT_EQ(out.workers[0].counts, in.workers[0].counts);
    EXPECT_EQ(out.workers[1].preempted, 0);
}

TEST(codec, appended_fields_may_be_missing) {
    file_header in;
    in.program = "program";
    in.counts = {"forks"};
    in.clock_ahead = 8.5;
    std::vector<std::byte> bytes;
    encoder to(bytes);
    header_fields(to, in);
    const auto read = [&](std::size_t size) {
        file_header out;
        decoder from(std::span(bytes.data(), size));
        header_fields(from, out);
        EXPECT_EQ(from.ok(), size == bytes.size() || size == bytes.size() - 8);
        EXPECT_EQ(out.counts, in.counts);
        return out.clock_ahead;
    };
    EXPECT_EQ(read(bytes.size()), 8.5);
    EXPECT_EQ(read(bytes.size() - 8), 0); // of an earlier version
    EXPECT_EQ(read(bytes.size() - 1), 0); // cut off
}

} // namespace

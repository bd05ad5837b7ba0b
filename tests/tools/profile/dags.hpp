// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "profile/read.hpp"
#include "recording.hpp"

namespace twill::profile::testing {

inline constexpr auto guest = static_cast<std::uint32_t>(trace::root_why::guest);
inline constexpr auto stolen = static_cast<std::uint32_t>(trace::root_why::steal);
inline constexpr auto leapfrogged = static_cast<std::uint32_t>(trace::root_why::leapfrog);
inline constexpr auto of_group = static_cast<std::uint32_t>(trace::root_why::group);
inline constexpr auto submitted = static_cast<std::uint32_t>(trace::root_why::submission);

class profile_dag : public profile_test {
protected:
    // Reads what was written, in large and in tiny chunks, which have to say the same.
    dag of(const std::map<std::uint32_t, thread_events>& threads, std::int64_t steal_takes = 0) {
        trace::file_header header = plain_header();
        header.steal_takes = steal_takes;
        write(threads, header, 1);
        const profile tiny = read(path());
        write(threads, header);
        last = read(path());
        EXPECT_EQ(last.no_dag, "");
        EXPECT_TRUE(tiny.strands && last.strands);
        EXPECT_EQ(tiny.events, last.events);
        const dag result = last.strands.value_or(dag{});
        const dag same = tiny.strands.value_or(dag{});
        EXPECT_EQ(same.work, result.work);
        EXPECT_EQ(same.span, result.span);
        EXPECT_EQ(same.strands, result.strands);
        return result;
    }
    std::string why_none(const std::map<std::uint32_t, thread_events>& threads) {
        write(threads);
        last = read(path());
        EXPECT_FALSE(last.strands);
        return last.no_dag;
    }
    profile last;
};

} // namespace twill::profile::testing

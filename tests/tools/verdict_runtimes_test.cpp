// SPDX-License-Identifier: Apache-2.0
// Which runtime a verdict is of, where a program has several.
#include "verdict/verdict.hpp"

#include "profiles.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using twill::profile::cause;
using twill::profile::judge;
using twill::profile::profile;
using twill::profile::verdict;
using twill_test::add_region;
using twill_test::columns;
using twill_test::make_profile;

std::vector<columns> same(int workers, const columns& all) {
    return std::vector<columns>(static_cast<std::size_t>(workers), all);
}

const twill::profile::finding& main_of(const verdict& of) { return of.findings.front(); }

// The default runtime has a verdict of its own, which is not the one that is asked for.
TEST(verdict, is_of_the_runtime_with_the_most_useful_time) {
    profile of = make_profile(1, 0.5, same(2, {0.5, 0, 0, 0}));
    const profile pool = make_profile(1, 1, same(4, {0.6, 0, 0.4, 0}));
    const profile many = make_profile(1, 1, same(1, {0.9, 0, 0, 0}));
    of.strands.emplace();
    add_region(of, "load", 1, 0.5, 0, {});
    of.runtimes = {{0, "(others)", pool.total, {}}, {1, "many", many.total, {}}};
    EXPECT_EQ(judge(of).runtime, 0u);
    EXPECT_EQ(judge(of).title, "");
    EXPECT_FALSE(judge(of).part.has_value());
    of.runtimes.push_back({7, "po\x1bol", pool.total, {}});
    const verdict made = judge(of);
    EXPECT_EQ(made.runtime, 7u);
    EXPECT_EQ(made.title, "runtime 7, \"po\\x1bol\"");
    EXPECT_EQ(main_of(made).what, cause::too_little_parallelism) << main_of(made).seen;
    EXPECT_EQ(main_of(made).subject, "");
    EXPECT_NEAR(main_of(made).gain, 0.4, 0.03);
    EXPECT_EQ(made.accounts.workers, 4);
    EXPECT_NE(one_line(made).find("verdict on runtime 7, "), std::string::npos) << one_line(made);
}

// A base is judged by its busiest runtime, too.
TEST(verdict, has_a_base_of_another_runtime) {
    profile of = make_profile(1, 0, same(2, {}));
    const profile slow = make_profile(2, 2, same(2, {2, 0, 0, 0}));
    profile base = of;
    of.runtimes = {{1, "pool", slow.total, {}}};
    base.runtimes = {{1, "pool", make_profile(1, 1, same(2, {1, 0, 0, 0})).total, {}}};
    const verdict made = judge(of, &base);
    EXPECT_EQ(main_of(made).what, cause::work_inflation) << main_of(made).seen;
    EXPECT_EQ(main_of(judge(of)).what, cause::nothing);
}

} // namespace

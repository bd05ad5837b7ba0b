// SPDX-License-Identifier: Apache-2.0
#include "packages.hpp"

#include "input_error.hpp"
#include "package_index.hpp"

#include <gtest/gtest.h>

namespace social {
namespace {

using names = std::vector<std::string>;
using views = std::vector<std::string_view>;

constexpr std::string_view sample = "Package: mail-reader\n"
                                    "Version: 1\n"
                                    "Depends: libc (>= 2.36), exim | mta (<< 3),\n"
                                    " perl:any\n"
                                    "Description: reads\n"
                                    " Depends: nothing, this is text\n"
                                    "\n"
                                    "package: exim\r\n"
                                    "Provides: mta, smtp (= 2)\r\n"
                                    "PRE-DEPENDS: libc\r\n"
                                    "\r\n"
                                    "\n"
                                    "Package: postfix\n"
                                    "Provides: mta\n"
                                    "Depends: libc, postfix, unknown [amd64] | ghost <!nocheck>\n"
                                    "\n"
                                    "Package: libc\n"
                                    "\n"
                                    "Package: perl\n"
                                    "\n"
                                    "Package: lonely\n"
                                    "Depends: ghost\n"
                                    "\n"
                                    "Package: postfix\n"
                                    "Version: 2\n"
                                    "Depends: libc, perl";

std::string complaint(std::string_view text) {
    try {
        (void)read_packages(text, "p");
    } catch (const input_error& error) {
        return error.what();
    }
    return {};
}

TEST(packages, become_a_graph) {
    const package_graph graph = read_packages(sample, "p");
    EXPECT_EQ(graph.names, (names{"exim", "libc", "mail-reader", "perl", "postfix"}));
    EXPECT_EQ(graph.packages, 6U);
    EXPECT_EQ(graph.unresolved, 2U); // unknown, ghost
    // mail-reader: libc, exim, and as mta also postfix, perl. postfix: both of its versions.
    EXPECT_EQ(graph.edges,
              (std::vector<edge>{{0, 1}, {2, 0}, {2, 1}, {2, 3}, {2, 4}, {4, 1}, {4, 3}}));
}

TEST(packages, extract_those_with_the_most_edges) {
    const package_graph part = extract(read_packages(sample, "p"), 3);
    EXPECT_EQ(part.names, (names{"libc", "mail-reader", "postfix"}));
    EXPECT_EQ(part.edges, (std::vector<edge>{{1, 0}, {1, 2}, {2, 0}}));
    EXPECT_EQ(extract(read_packages(sample, "p"), 100).edges.size(), 7U);
}

TEST(packages, relation_names) {
    EXPECT_EQ(related_names("a (>= 1~), b:any|c [i386] , d<!x>,, e"),
              (views{"a", "b", "c", "d", "e"}));
    EXPECT_EQ(related_names(""), views());
    EXPECT_EQ(related_names("libstdc++6(>=1)\n , x"), (views{"libstdc++6", "x"}));
}

TEST(packages, complain_about_bad_lines) {
    EXPECT_EQ(complaint(""), "p: is empty");
    EXPECT_EQ(complaint("\n\n"), "p: has no packages");
    EXPECT_EQ(complaint("Package: a\n"), "p: has no dependencies between its packages");
    EXPECT_EQ(complaint("Package: a\nnonsense\n"),
              "p:2: expected \"Field: value\", found \"nonsense\"");
    EXPECT_EQ(complaint(" Package: a\n"), "p:1: expected \"Field: value\", found \"Package: a\"");
    EXPECT_EQ(complaint("Package: a\n\n\nVersion: 1\nDepends: a\n"),
              "p:4: this stanza has no field \"Package\"");
    EXPECT_EQ(complaint("Version: 1\nPackage:\n"), "p:2: expected a package name, found \"\"");
    EXPECT_EQ(complaint("0\t1\n"), "p:1: expected \"Field: value\", found \"0?1\"");
}

} // namespace
} // namespace social

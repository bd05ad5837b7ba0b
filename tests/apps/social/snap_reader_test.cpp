// SPDX-License-Identifier: Apache-2.0
#include "snap_reader.hpp"

#include "versions.hpp"

namespace social {
namespace {

template <class Loops>
class snap_reader_test : public testing::Test {
protected:
    static edge_list read(std::string_view text) { return read_snap(Loops(), text, "g.txt"); }
    static std::string complaint(std::string_view text) {
        try {
            (void)read(text);
        } catch (const input_error& error) {
            return error.what();
        }
        return {};
    }
    static std::vector<edge> edges(std::string_view text) {
        const edge_list list = read(text);
        return {list.edges.begin(), list.edges.end()};
    }
};
TYPED_TEST_SUITE(snap_reader_test, versions);

TYPED_TEST(snap_reader_test, reads_edges) {
    const std::vector<edge> expected{{0, 1}, {2, 0}, {1, 1}, {0, 1}};
    EXPECT_EQ(this->edges("0\t1\n2\t0\n1\t1\n0\t1\n"), expected);
    EXPECT_EQ(this->edges("0 1\n2 0\n1 1\n0 1"), expected);
    EXPECT_EQ(this->edges("0\t1\r\n2\t0\r\n1\t1\r\n0\t1\r\n"), expected);
    EXPECT_EQ(this->edges("# a comment\n\n  0 \t 1  \n#\n2\t\t0 \r\n \t \n1 1\n  # 7 8\n000 01\n"),
              expected);
}

TYPED_TEST(snap_reader_test, closes_gaps) {
    const edge_list list = this->read("10 30\n30 20\n");
    EXPECT_EQ(list.vertices, 3U);
    EXPECT_EQ(list.numbers, (std::vector<vertex>{10, 20, 30}));
    EXPECT_EQ(this->edges("10 30\n30 20\n"), (std::vector<edge>{{0, 2}, {2, 1}}));
}

TYPED_TEST(snap_reader_test, takes_numbers_up_to_the_largest) {
    const edge_list list = this->read("4294967295 0\n");
    EXPECT_EQ(list.vertices, 2U);
    EXPECT_EQ(list.numbers, (std::vector<vertex>{0, 4294967295}));
    EXPECT_EQ(list.edges[0], (edge{1, 0}));
}

TYPED_TEST(snap_reader_test, names_vertices) {
    const edge_list list =
        this->read("# vertex 5 five\n# vertex 9 nine\n# vertex 7 no edge\n# vertex six\n"
                   "#vertex 9 x\n5 9\n# vertex 11 eleven\n");
    EXPECT_EQ(list.names, (std::vector<std::string>{"five", "nine"}));
    EXPECT_EQ(this->read("# vertices: 2\n0 1\n").names, std::vector<std::string>());
}

TYPED_TEST(snap_reader_test, says_what_is_wrong_with_a_line) {
    const auto expect = [this](std::string_view text, const char* message) {
        EXPECT_EQ(this->complaint(text), message) << text;
    };
    expect("0 1\n2\n", "g.txt:2: expected two vertex numbers, found one");
    expect("0 1\n\n# x\n2 \r\n", "g.txt:4: expected two vertex numbers, found one");
    expect("0 1 2\n", "g.txt:1: expected two vertex numbers, then came \"2\"");
    expect("0 1 # x\n", "g.txt:1: expected two vertex numbers, then came \"#\"");
    expect("a b\n", "g.txt:1: expected a vertex number, found \"a\"");
    expect("0 1\n0 -1\n", "g.txt:2: expected a vertex number, found \"-1\"");
    expect("0 1.5\n", "g.txt:1: expected a vertex number, found \"1.5\"");
    expect("0,1\n", "g.txt:1: expected a vertex number, found \"0,1\"");
    expect("4294967296 0\n", "g.txt:1: the vertex number 4294967296 is above 4294967295");
    expect("0 99999999999999999999\n",
           "g.txt:1: the vertex number 99999999999999999999 is above 4294967295");
    expect(std::string_view("\0\1\n", 3), "g.txt:1: expected a vertex number, found \"??\"");
    expect(
        "0 1\n" + std::string(100, 'x') + "\n",
        "g.txt:2: expected a vertex number, found \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\"");
}

TYPED_TEST(snap_reader_test, refuses_what_has_no_edges) {
    EXPECT_EQ(this->complaint(""), "g.txt: is empty");
    EXPECT_EQ(this->complaint("# nothing\n\n"), "g.txt: has no edges");
}

// Several pieces, so that lines are counted across them, and the first of two bad ones is told.
TYPED_TEST(snap_reader_test, reads_long_lists_in_pieces) {
    std::string text;
    constexpr vertex lines = 400'000;
    for (vertex i = 0; i < lines; ++i) {
        text += std::to_string(i) + '\t' + std::to_string(i / 2) + '\n';
    }
    ASSERT_GT(cut_lines(text, std::size_t{1} << 20).size(), 3U);
    const edge_list list = this->read(text);
    ASSERT_EQ(list.edges.size(), lines);
    ASSERT_EQ(list.vertices, lines);
    for (vertex i = 0; i < lines; ++i) {
        ASSERT_EQ(list.edges[i], (edge{i, i / 2}));
    }
    EXPECT_EQ(this->complaint(text + "x\n"), "g.txt:400001: expected a vertex number, found \"x\"");
    const std::size_t line = text.find("\n300000\t") + 1;
    text[line] = 'y';
    EXPECT_EQ(this->complaint(text + "x\n"),
              "g.txt:300001: expected a vertex number, found \"y00000\"");
}

TEST(snap_piece, cuts_at_the_ends_of_lines) {
    const std::vector<std::string_view> pieces = cut_lines("aa\nbbbb\nc\ndddd", 3);
    EXPECT_EQ(pieces, (std::vector<std::string_view>{"aa\nbbbb\n", "c\ndddd"}));
    EXPECT_TRUE(cut_lines("", 3).empty());
    EXPECT_EQ(cut_lines("\n\n\n", 1).size(), 2U);
}

} // namespace
} // namespace social

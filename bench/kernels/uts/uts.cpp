// SPDX-License-Identifier: Apache-2.0
#include "trees.hpp"

#include "harness/harness.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace {

template <class Tree>
BENCH_RECURSIVE long count(const Tree& tree, const typename Tree::node& parent) {
    if (parent.children == 0) {
        return 1;
    }
    const long below = bench::runtime::reduce(
        0L, static_cast<long>(parent.children), 0L,
        [&](long i) { return count(tree, tree.child(parent, i)); }, std::plus<>{});
    return 1 + below;
}

/// The same number without recursion, to check against.
template <class Tree>
long count_by_list(const Tree& tree) {
    std::vector<typename Tree::node> open{tree.root()};
    long nodes = 0;
    while (!open.empty()) {
        const typename Tree::node next = open.back();
        open.pop_back();
        ++nodes;
        for (long i = 0; i < next.children; ++i) {
            open.push_back(tree.child(next, i));
        }
    }
    return nodes;
}

/// `Published` is the number of nodes of the tree of the size `Size`, where there is such a number.
template <class Tree, long Size, long Published, long Warm>
bench::operation prepare(const bench::arguments& given) {
    const Tree tree{static_cast<std::int32_t>(given.size)};
    const Tree small{Warm};
    const long expected = Published != 0 && given.size == Size ? Published : count_by_list(tree);
    const auto result = std::make_shared<long>(-1);
    return {.run = [=] { *result = count(tree, tree.root()); },
            .check = [=] { return *result == expected; },
            .reset = [=] { *result = -1; },
            .warm = [=] { *result = count(small, small.root()); }};
}

template <class Tree, long Size, long Published, long Warm>
bench::variant of(const char* name) {
    return {name, Size, prepare<Tree, Size, Published, Warm>};
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("uts", bench::parse_arguments(argc, argv),
                             {of<geometric_tree, 10, 4'130'071, 3>("t1"),
                              of<binomial_tree, 2000, 4'112'897, 8>("t3"),
                              of<quick_tree, 3770, 0, 8>("binomial")});
}

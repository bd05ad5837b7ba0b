// SPDX-License-Identifier: Apache-2.0
// Uses every verb once, and is right or says what is wrong.
#include <twill/twill.hpp>

#include <cstdio>
#include <stop_token>
#include <vector>

namespace {

int wrong = 0;

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "wrong: %s\n", what);
        ++wrong;
    }
}

int fib(int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] =
        twill::parallel_invoke([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

} // namespace

int main() {
    expect(fib(20) == 6765, "parallel_invoke");

    std::vector<int> squares(1000);
    twill::parallel_for(0, 1000, [&](int i) { squares[static_cast<std::size_t>(i)] = i * i; });
    twill::parallel_for_each(squares, [](int& square) { square += 1; });
    twill::parallel_for_blocks(squares.begin(), squares.end(), [](auto begin, auto end) {
        for (auto square = begin; square != end; ++square) {
            *square -= 1;
        }
    });
    const long sum = twill::parallel_reduce(
        squares.begin(), squares.end(), 0L, [](int square) { return long{square}; },
        [](long a, long b) { return a + b; });
    expect(sum == 332'833'500, "the loops");

    std::stop_source source;
    source.request_stop();
    const twill::outcome ended =
        twill::parallel_for(0, 1000, [](int) {}, source.get_token(), twill::grain(10));
    expect(ended == twill::outcome::stopped, "the options");

    expect(twill::worker_count() >= 1 && twill::this_worker() == -1, "the workers");
    expect(twill::load().since_start.worker_count() == twill::worker_count(), "the load");
    return wrong == 0 ? 0 : 1;
}

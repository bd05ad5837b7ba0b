// SPDX-License-Identifier: Apache-2.0
#include "harness/padding.hpp"

#include "harness/harness.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace {

constexpr float a = 2;
constexpr long most_calls = 10'000;
constexpr long elements_a_run = 100'000'000;
constexpr std::chrono::milliseconds idleness{5};

/// Small whole numbers: all sums are exact, in whatever order and however often they are made.
float x_at(std::size_t i) { return static_cast<float>(i % 4); }
float y_at(std::size_t i) { return static_cast<float>(i % 7); }

struct vectors {
    std::vector<float> x;
    std::vector<float> y;

    explicit vectors(std::size_t n) : x(n), y(n) {
        for (std::size_t i = 0; i < n; ++i) {
            x[i] = x_at(i);
        }
        reset();
    }
    void reset() {
        for (std::size_t i = 0; i < y.size(); ++i) {
            y[i] = y_at(i);
        }
    }
    [[nodiscard]] bool is_right(long calls) const {
        bool right = true;
        for (std::size_t i = 0; i < y.size(); ++i) {
            right &= y[i] == y_at(i) + static_cast<float>(calls) * a * x_at(i);
        }
        return right;
    }
};

void add_block(const float* __restrict x, float* __restrict y, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        y[i] += a * x[i];
    }
}

/// y = a x + y, once.
void saxpy(const float* x, float* y, std::size_t n) {
    bench::runtime::for_blocks(std::size_t{0}, n, [=](std::size_t begin, std::size_t end) {
        add_block(x + begin, y + begin, end - begin);
    });
}

bench::operation prepare(const bench::arguments& given, long calls,
                         const std::function<void()>& rest) {
    const auto data = std::make_shared<vectors>(static_cast<std::size_t>(given.size));
    const auto repeat = [=](long times) {
        for (long i = 0; i < times; ++i) {
            saxpy(data->x.data(), data->y.data(), data->y.size());
        }
    };
    return {.run = [=] { repeat(calls); },
            .check = [=] { return data->is_right(calls); },
            .reset =
                [=] {
                    data->reset();
                    rest();
                },
            .warm = [=] { repeat(1); },
            .calls = calls};
}

bench::operation from_outside(const bench::arguments& given) {
    return prepare(given, std::clamp(elements_a_run / given.size, 1L, most_calls), [] {});
}

bench::operation back_to_back(const bench::arguments& given) {
    bench::operation repeated = from_outside(given);
    const std::function<void()> loops = repeated.run;
    repeated.run = [=] { bench::runtime::within(loops); };
    return repeated;
}

bench::operation after_idle(const bench::arguments& given) {
    return prepare(given, 1, [] { std::this_thread::sleep_for(idleness); });
}

} // namespace

int main(int argc, char** argv) {
    return bench::run_kernel("saxpy", bench::parse_arguments(argc, argv),
                             {{"back_to_back", 10'000'000, back_to_back},
                              {"back_to_back_1e3", 1'000, back_to_back},
                              {"back_to_back_1e4", 10'000, back_to_back},
                              {"back_to_back_1e5", 100'000, back_to_back},
                              {"back_to_back_1e6", 1'000'000, back_to_back},
                              {"back_to_back_1e8", 100'000'000, back_to_back},
                              {"from_outside", 10'000'000, from_outside},
                              {"after_idle", 100'000, after_idle}});
}

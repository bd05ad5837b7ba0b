// SPDX-License-Identifier: Apache-2.0
// Random programs of groups, submissions, sections and runtimes inside of each other, with limits,
// exceptions and numbers of active workers that change, compared with the serial walk.
#include "campaign.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <functional>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace {

using twill_stress::dice;
using twill_stress::work;

std::atomic<int> waiting{0};
std::atomic<int> most_waiting{0};

/// A task is, or may be, outside of its runtime, which may make a thread to take its place.
class outside {
public:
    outside() {
        const int now = ++waiting;
        for (int seen = most_waiting; seen < now;) {
            if (most_waiting.compare_exchange_weak(seen, now)) {
                break;
            }
        }
    }
    ~outside() { --waiting; }
    outside(const outside&) = delete;
    outside& operator=(const outside&) = delete;
};

struct failure {
    std::uint64_t value;
};

/// A closure that is counted, with memory of its own for AddressSanitizer to watch.
std::atomic<long> live{0};
class counted {
public:
    counted() : memory_(std::make_unique<int>(1)) { ++live; }
    counted(counted&& other) noexcept : memory_(std::move(other.memory_)) { ++live; }
    counted& operator=(counted&&) = delete;
    ~counted() { --live; }
    [[nodiscard]] int number() const { return *memory_; }

private:
    std::unique_ptr<int> memory_;
};

/// What the programs of one round share. Submissions of which nobody has the future add to
/// `unawaited`; they use both runtimes, so these last until `unended` is 0.
struct world {
    std::array<std::unique_ptr<twill::runtime>, 2> runtimes{
        std::make_unique<twill::runtime>(twill::runtime_options{.workers = 1}),
        std::make_unique<twill::runtime>(twill::runtime_options{.workers = 3})};
    std::atomic<std::uint64_t> unawaited{0};
    std::atomic<int> unended{0};

    twill::runtime& any(dice& choices) {
        return *runtimes[static_cast<std::size_t>(choices.below(2))];
    }
};

using child_function = std::function<void(int)>;

void by_forks(int first, int last, const child_function& child) {
    if (last - first == 1) {
        child(first);
        return;
    }
    const int middle = first + (last - first) / 2;
    twill::parallel_invoke([&] { by_forks(first, middle, child); },
                           [&] { by_forks(middle, last, child); });
}

void put(twill::task_group& group, int count, dice& choices, const child_function& child) {
    for (int k = 0; k < count; ++k) {
        switch (choices.below(4)) {
        case 0:
            group.run([&child, k] { child(k); }, twill::priority::high);
            break;
        case 1:
            group.run([&child, k, held = counted()] { child(k - 1 + held.number()); });
            break;
        default:
            group.run([&child, k] { child(k); });
        }
    }
}

void in_group(world& in, int count, dice& choices, const child_function& child) {
    const int limit = choices.below(3) == 0 ? 1 + choices.below(3) : 1000;
    twill::task_group group{twill::limit(limit)};
    switch (choices.below(4)) {
    case 0:
        put(group, count, choices, child);
        break;
    case 1: // by one of its tasks
        group.run([&] { put(group, count, choices, child); });
        break;
    case 2: { // by another runtime
        const outside waits;
        in.any(choices).submit([&] { put(group, count, choices, child); }).get();
        break;
    }
    default: // with several that wait
        put(group, count, choices, child);
        twill::parallel_invoke([&] { group.wait(); }, [&] { group.wait(); });
    }
    group.wait();
}

void by_submissions(world& in, int count, dice& choices, const child_function& child) {
    twill::runtime& rt = in.any(choices);
    std::vector<twill::future<void>> all;
    for (int k = 0; k < count; ++k) {
        if (choices.below(2) == 0) {
            all.push_back(rt.submit([&child, k] { child(k); }));
        } else {
            all.push_back(rt.submit([&child, k] { child(k); }, twill::priority::low));
        }
    }
    const bool polls = choices.below(4) == 0;
    const bool newest_first = choices.below(2) == 0;
    const outside waits;
    std::exception_ptr thrown;
    for (std::size_t k = 0; k < all.size(); ++k) {
        twill::future<void>& one = all[newest_first ? all.size() - 1 - k : k];
        while (polls && !one.wait_for(std::chrono::milliseconds(1))) {
        }
        try {
            one.get();
        } catch (const failure&) {
            thrown = std::current_exception(); // the others use what the caller has
        }
    }
    if (thrown) {
        std::rethrow_exception(thrown);
    }
}

void in_own_runtime(int count, dice& choices, const child_function& child, bool throws) {
    const outside waits;
    twill::runtime rt{{.workers = 1 + choices.below(3)}};
    if (choices.below(3) == 0) {
        rt.set_active(1);
    }
    if (!throws && choices.below(2) == 0) { // what is thrown is dropped there
        for (int k = 0; k < count; ++k) {
            static_cast<void>(rt.submit([&child, k] { child(k); })); // the end of rt waits
        }
    } else {
        rt.run([&] { twill::parallel_for(0, count, child); });
    }
}

void in_sections(int count, dice& choices, const child_function& child) {
    if (choices.below(2) == 0) {
        const outside waits;
        twill::blocking([&] { by_forks(0, count, child); });
        return;
    }
    // The first waits for what may be on its own thread's list.
    std::latch begun(1);
    twill::parallel_invoke(
        [&] {
            const outside waits;
            twill::blocking([&] { begun.wait(); });
        },
        [&] {
            begun.count_down();
            twill::parallel_for(0, count, child, twill::at_most(2));
        });
}

/// Calls child(k) for each k below `count`, somehow. `throws`: one of them may.
void by_some_means(world& in, int count, dice& choices, bool throws, const child_function& child) {
    switch (choices.below(8)) {
    case 0:
    case 1:
        in_group(in, count, choices, child);
        break;
    case 2:
        by_submissions(in, count, choices, child);
        break;
    case 3: {
        const outside waits;
        in.any(choices).run([&] { by_forks(0, count, child); });
        break;
    }
    case 4:
        in_own_runtime(count, choices, child, throws);
        break;
    case 5:
        in_sections(count, choices, child);
        break;
    case 6:
        twill::parallel_for(0, count, child, twill::at_most(1 + choices.below(3)));
        break;
    default:
        by_forks(0, count, child);
    }
}

/// A group whose scope is left by an exception drops what has not begun.
void unwind(std::uint64_t value) {
    twill::task_group group;
    for (int k = 0; k < 20; ++k) {
        group.run([held = counted()] { work(10, static_cast<std::uint64_t>(held.number())); });
    }
    throw failure{value};
}

/// How a program runs: the same choices, serially or in parallel.
enum class mode { serial, parallel };

std::uint64_t child_seed(std::uint64_t seed, int child) {
    return dice(seed * 31 + static_cast<std::uint64_t>(child)).next();
}

template <mode Mode>
std::uint64_t visit(world& in, std::uint64_t seed, int depth) {
    dice choices(seed);
    if (depth == 0) {
        const int size = choices.below(100);
        return work(size < 70 ? size / 10 : size < 98 ? size * 10 : 50'000, seed);
    }
    const int count = 1 + choices.below(4);
    const auto value_of = [&in, seed, depth](int k) {
        return visit<Mode>(in, child_seed(seed, k), depth - 1);
    };
    const int end = choices.below(12);
    if (end == 0) { // the last child throws its value, and others may be dropped
        if constexpr (Mode == mode::serial) {
            return value_of(count - 1);
        } else {
            try {
                by_some_means(in, count, choices, true, [&](int k) {
                    if (k == count - 1) {
                        unwind(value_of(k));
                    }
                    work(100, seed);
                });
            } catch (const failure& thrown) {
                return thrown.value;
            }
            return 0; // nothing has come
        }
    }
    if (end == 1) { // nobody waits for the child
        if constexpr (Mode == mode::serial) {
            in.unawaited += value_of(0);
        } else {
            ++in.unended;
            static_cast<void>(in.any(choices).submit([&in, value_of] {
                in.unawaited += value_of(0);
                --in.unended;
            }));
        }
        return seed;
    }
    std::vector<std::uint64_t> values(static_cast<std::size_t>(count));
    const auto child = [&](int k) { values[static_cast<std::size_t>(k)] = value_of(k); };
    if constexpr (Mode == mode::serial) {
        for (int k = 0; k < count; ++k) {
            child(k);
        }
    } else {
        if (choices.below(16) == 0) {
            in.any(choices).set_active(1 + choices.below(3));
        }
        by_some_means(in, count, choices, false, child);
    }
    std::uint64_t sum = seed;
    for (const std::uint64_t value : values) {
        sum = sum * 3 + value;
    }
    return sum;
}

bool round(std::uint64_t seed) {
    dice choices(seed);
    const int guests = 1 + choices.below(4);
    std::atomic<int> wrong{0};
    world in;
    world serial;
    std::vector<std::thread> threads;
    for (int k = 0; k < guests; ++k) {
        const std::uint64_t program = child_seed(seed, k);
        const int depth = 2 + choices.below(3);
        const std::uint64_t expected = visit<mode::serial>(serial, program, depth);
        threads.emplace_back([&in, &wrong, program, depth, expected] {
            wrong += visit<mode::parallel>(in, program, depth) == expected ? 0 : 1;
        });
    }
    const std::uint64_t expected_unawaited = serial.unawaited;
    for (auto& thread : threads) {
        thread.join();
    }
    while (in.unended != 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    for (auto& one : in.runtimes) {
        one.reset();
    }
    if (wrong != 0 || in.unawaited != expected_unawaited || live != 0) {
        std::fprintf(stderr, "%d wrong values, unawaited ones %s, %ld closures left\n",
                     wrong.load(), in.unawaited == expected_unawaited ? "right" : "wrong",
                     live.load());
        return false;
    }
    return true;
}

} // namespace

int main(int argc, char** argv) {
    return twill_stress::run_campaign(argc, argv, &round, &most_waiting);
}

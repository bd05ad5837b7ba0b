// SPDX-License-Identifier: Apache-2.0
#include "load/planner/instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace twill::planner {

namespace {

constexpr int total_bits = 50;
constexpr double largest_total = 1125899906842624; // 2^50
/// Powers of ten that times are tried to be whole multiples of, as their inverse.
constexpr double finest_decimal = 1e6;
/// How far n/10 is from the double nearest to it, relatively, and a product with ten from n.
constexpr double rounding = 1.0 / 4503599627370496;   // 2^-52
constexpr double largest_checked = 1.0 * (1LL << 40); // there a rounding is far from one half

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("twill::make_plan: " + what);
}

double checked_total(const std::vector<plan_task>& tasks) {
    if (tasks.size() > UINT32_MAX) {
        refuse(fmt::format("expected at most {} tasks, got {}", UINT32_MAX, tasks.size()));
    }
    double total = 0;
    for (std::size_t k = 0; k < tasks.size(); ++k) {
        const double time = tasks[k].time;
        if (!(time >= 0) || std::isinf(time)) {
            refuse(fmt::format("time of task {}: expected a finite number from 0 on, got {}", k,
                               time));
        }
        total += time;
    }
    return total;
}

void check_cores(int cores, const std::vector<double>& speeds, double total) {
    if (cores < 1 || cores > most_cores) {
        refuse(fmt::format("cores: expected 1 to {}, got {}", most_cores, cores));
    }
    if (!speeds.empty() && speeds.size() != static_cast<std::size_t>(cores)) {
        refuse(
            fmt::format("speeds: expected one for each of {} cores, got {}", cores, speeds.size()));
    }
    double sum = 0;
    for (std::size_t j = 0; j < speeds.size(); ++j) {
        if (!(speeds[j] > 0) || std::isinf(speeds[j])) {
            refuse(fmt::format("speed of core {}: expected a finite number above 0, got {}", j,
                               speeds[j]));
        }
        sum += speeds[j];
    }
    const double slowest = speeds.empty() ? 1 : *std::min_element(speeds.begin(), speeds.end());
    if (std::isinf(total) || std::isinf(sum) || std::isinf(total / slowest * cores)) {
        refuse("times and speeds: expected sums within the range of a double");
    }
}

bool is_multiple(double time, double inverse) noexcept {
    const double count = time * inverse;
    return count <= largest_checked && std::abs(count - std::nearbyint(count)) <= count * rounding;
}

/// Chooses the unit, and measures all tasks with it.
void measure(instance& made, const std::vector<plan_task>& tasks, double total) {
    double power = 1;
    while (power <= finest_decimal) {
        if (total * power < largest_total &&
            std::all_of(
                tasks.begin(), tasks.end(),
                [power](const plan_task& task) { return is_multiple(task.time, power); })) {
            break;
        }
        power *= 10;
    }
    int exponent = 0;
    if (power <= finest_decimal) {
        made.divisor = power;
    } else {
        power = 1;
        // 2^(exponent - 1) <= total < 2^exponent, and the unit must be no denormal.
        std::frexp(total, &exponent);
        exponent = std::max(exponent - total_bits, -1000);
        made.scale = std::ldexp(1.0, exponent);
    }
    made.sizes.reserve(tasks.size());
    for (const plan_task& task : tasks) {
        made.sizes.push_back(std::llround(std::ldexp(task.time, -exponent) * power));
        made.total += made.sizes.back();
        made.longest = std::max(made.longest, made.sizes.back());
    }
}

template <class Next>
double next_makespan(const instance& given, double makespan, const Next& next) noexcept {
    double least = HUGE_VAL;
    for (const double speed : given.steps) {
        least = std::min(least, static_cast<double>(next(speed)) / speed);
    }
    return std::max(least, makespan);
}

} // namespace

instance make_instance(const std::vector<plan_task>& tasks, int cores,
                       const std::vector<double>& speeds) {
    const double total = checked_total(tasks);
    check_cores(cores, speeds, total);
    instance made;
    measure(made, tasks, total);
    made.speeds =
        speeds.empty() ? std::vector<double>(static_cast<std::size_t>(cores), 1.0) : speeds;
    made.steps = made.speeds;
    std::sort(made.steps.rbegin(), made.steps.rend());
    made.steps.erase(std::unique(made.steps.begin(), made.steps.end()), made.steps.end());
    if (made.one_speed()) {
        made.common_speed = std::exchange(made.steps[0], 1.0);
        std::fill(made.speeds.begin(), made.speeds.end(), 1.0);
    }
    made.all_speeds = std::accumulate(made.speeds.begin(), made.speeds.end(), 0.0);
    made.falling.resize(tasks.size());
    std::iota(made.falling.begin(), made.falling.end(), 0U);
    std::sort(made.falling.begin(), made.falling.end(),
              [&](std::uint32_t one, std::uint32_t other) {
                  if (made.sizes[one] != made.sizes[other]) {
                      return made.sizes[one] > made.sizes[other];
                  }
                  return tasks[one].priority != tasks[other].priority
                             ? tasks[one].priority > tasks[other].priority
                             : one < other;
              });
    made.slowest_first.resize(made.cores());
    std::iota(made.slowest_first.begin(), made.slowest_first.end(), 0U);
    std::sort(made.slowest_first.begin(), made.slowest_first.end(),
              [&](std::uint32_t one, std::uint32_t other) {
                  return made.speeds[one] != made.speeds[other]
                             ? made.speeds[one] < made.speeds[other]
                             : one < other;
              });
    return made;
}

size capacity(double makespan, double speed, size most) noexcept {
    const double product = makespan * speed;
    if (product >= static_cast<double>(most)) {
        return static_cast<double>(most) / speed <= makespan ? most : most - 1;
    }
    // The quotient decides, as it does for loads; the product may be rounded to either side of it.
    auto fits = static_cast<size>(product);
    while (static_cast<double>(fits + 1) / speed <= makespan) {
        ++fits;
    }
    while (fits > 0 && static_cast<double>(fits) / speed > makespan) {
        --fits;
    }
    return fits;
}

double at_least(const instance& given, double makespan) noexcept {
    return next_makespan(given, makespan, [&](double speed) {
        const size fits = capacity(makespan, speed, given.total);
        return static_cast<double>(fits) / speed >= makespan ? fits : fits + 1;
    });
}

double above(const instance& given, double makespan) noexcept {
    return next_makespan(given, makespan,
                         [&](double speed) { return capacity(makespan, speed, given.total) + 1; });
}

double between(const instance& given, double low, double high) noexcept {
    const double middle = given.one_speed() ? std::floor((low + high) / 2) : (low + high) / 2;
    return middle < high ? middle : low; // of two neighbours the middle is rounded to either
}

} // namespace twill::planner

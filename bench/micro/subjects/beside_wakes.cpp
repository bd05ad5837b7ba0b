// SPDX-License-Identifier: Apache-2.0
#include "micro/subjects/beside_wakes.hpp"

namespace bench::subjects {

beside_wakes::beside_wakes(benchmark::State& state) : state_(state), before_(twill::load()) {}

void beside_wakes::wake() {
    busy_for(long_silence_us);
    partner_.wake(bare_);
}

void beside_wakes::add(std::uint64_t from, std::uint64_t to) {
    state_.SetIterationTime(own_.add(from, to) * 1e-9);
}

void beside_wakes::add_wake() {
    busy_for(long_silence_us);
    state_.SetIterationTime(partner_.wake(own_) * 1e-9);
}

bool beside_wakes::add_claims(const ladder& jobs) {
    std::size_t count = 0;
    jobs.each_claim([&](std::uint64_t, std::uint64_t) { ++count; });
    if (count != ladder::claims) {
        return false;
    }
    double sum = 0;
    jobs.each_claim([&](std::uint64_t from, std::uint64_t to) { sum += own_.add(from, to); });
    state_.SetIterationTime(sum * 1e-9);
    return true;
}

void beside_wakes::report() {
    if (state_.error_occurred()) {
        return;
    }
    const double median = own_.quantile(0.5);
    const double bare = bare_.quantile(0.5);
    state_.counters["wakes"] = median / bare;
    state_.counters["median_ns"] = median;
    state_.counters["p90_ns"] = own_.quantile(0.9);
    state_.counters["bare_ns"] = bare;
}

void beside_wakes::report(const char* what, std::uint64_t twill::worker_load::* count) {
    report();
    if (state_.error_occurred()) {
        return;
    }
    const twill::worker_load all = (twill::load() - before_).total();
    state_.counters[what] =
        static_cast<double>(all.*count) / static_cast<double>(state_.iterations());
}

} // namespace bench::subjects

// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include "file.hpp"
#include "input_error.hpp"
#include "loops.hpp"

#include <twill/record.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace social {
namespace {

/// The median of each step.
step_times medians(const std::vector<step_times>& runs) {
    step_times middle{};
    for (std::size_t s = 0; s < step_count; ++s) {
        std::vector<double> times;
        times.reserve(runs.size());
        for (const step_times& run : runs) {
            times.push_back(run[s]);
        }
        std::sort(times.begin(), times.end());
        const std::size_t half = times.size() / 2;
        middle[s] = times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
    }
    return middle;
}

/// A recording of what happens while the object is there.
class recording {
public:
    /// Throws input_error.
    explicit recording(std::string path) : path_(std::move(path)) {
        output_file(path_).close(); // says what is wrong with the path, if anything is
        check(twill::record_start(path_.c_str(), twill::record_mode::kinds, true));
    }
    ~recording() { twill::record_stop(); }
    recording(const recording&) = delete;
    recording& operator=(const recording&) = delete;

    /// Throws input_error.
    void end() const { check(twill::record_stop()); }

private:
    void check(std::error_code failure) const {
        if (failure) {
            throw input_error(fmt::format("{}: no profile: {}", path_, failure.message()));
        }
    }

    std::string path_;
};

/// One run of the program: the analyses, one after the other.
class runner {
public:
    explicit runner(const run_options& options)
        : options_(options), shown_(options.quiet ? 0 : steps(options)) {}

    run_result run() {
        for (unsigned round = 0; round < options_.repeat; ++round) {
            // Every other round backwards, so that a drift of the machine touches both.
            if (round % 2 == 0) {
                serial_turn(round);
                parallel_turn(round);
            } else {
                parallel_turn(round);
                serial_turn(round);
            }
        }
        if (!serial_times_.empty()) {
            result_.serial = medians(serial_times_);
        }
        if (!parallel_times_.empty()) {
            result_.parallel = medians(parallel_times_);
        }
        if (options_.serial) {
            result_.last = std::move(serial_);
        }
        return std::move(result_);
    }

private:
    /// A serial analysis is needed to check against, and once a round to compare with.
    static bool serial_in(const run_options& options, unsigned round) noexcept {
        return options.serial || options.compare || (options.check && round == 0);
    }

    static std::size_t steps(const run_options& options) noexcept {
        std::size_t analyses = options.serial ? 0 : options.repeat;
        for (unsigned round = 0; round < options.repeat; ++round) {
            analyses += serial_in(options, round) ? 1 : 0;
        }
        return analyses * step_count;
    }

    void serial_turn(unsigned round) {
        if (serial_in(options_, round)) {
            serial_ = {};
            serial_ = analyse(serial_loops(), options_.source, options_.pagerank, shown_);
            serial_times_.push_back(serial_.times);
        }
    }

    void parallel_turn(unsigned round) {
        if (options_.serial) {
            return;
        }
        result_.last = {};
        std::optional<recording> profile; // else whoever has begun one, as TWILL_RECORD, keeps it
        if (!options_.record.empty() && round + 1 == options_.repeat) {
            profile.emplace(options_.record);
        }
        const twill::load_snapshot before = twill::load();
        result_.last = analyse(twill_loops(), options_.source, options_.pagerank, shown_);
        result_.load = twill::load() - before;
        if (profile.has_value()) {
            profile->end();
        }
        parallel_times_.push_back(result_.last.times);
        const bool failed = result_.check.has_value() && !result_.check->ok();
        if (options_.check && !failed) {
            result_.check = compare(serial_, result_.last, options_.pagerank);
        }
    }

    const run_options& options_;
    progress shown_;
    analysis serial_;
    std::vector<step_times> serial_times_;
    std::vector<step_times> parallel_times_;
    run_result result_;
};

} // namespace

run_result run(const run_options& options) { return runner(options).run(); }

std::vector<leader> leaders(const analysis& of, std::size_t most) {
    const buffer<double>& ranks = of.pagerank.ranks;
    std::vector<std::size_t> order(ranks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t found = std::min(most, order.size());
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(found);
    std::partial_sort(order.begin(), end, order.end(), [&ranks](std::size_t a, std::size_t b) {
        return ranks[a] != ranks[b] ? ranks[a] > ranks[b] : a < b;
    });
    std::vector<leader> first;
    for (auto v = order.begin(); v != end; ++v) {
        first.push_back(
            {of.of.number(*v), of.of.names.empty() ? std::string() : of.of.names[*v], ranks[*v]});
    }
    return first;
}

double total(const step_times& times) noexcept {
    return std::accumulate(times.begin(), times.end(), 0.0);
}

} // namespace social

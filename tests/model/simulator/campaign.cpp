// SPDX-License-Identifier: Apache-2.0
#include "simulator/campaign.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace twill::model {
namespace {

constexpr char digits[] = "0123456789abcdefghijklmnopqrstuv";

/// The processor's time, so that a busy machine explores no less.
double seconds_used() {
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

/// The answers of an execution, a digit each; a run of equal ones is written digit*count. with a
/// point behind.
std::string written(const std::vector<std::uint8_t>& answers) {
    std::string text;
    std::size_t end = answers.size();
    while (end > 0 && answers[end - 1] == 0) {
        --end; // what is left out is 0
    }
    for (std::size_t k = 0; k < end;) {
        std::size_t same = k;
        while (same < end && answers[same] == answers[k]) {
            ++same;
        }
        if (same - k > 4) {
            text += digits[answers[k]] + ("*" + std::to_string(same - k)) + ".";
        } else {
            text.append(same - k, digits[answers[k]]);
        }
        k = same;
    }
    return text.empty() ? "0" : text;
}

std::vector<std::uint8_t> parsed(const std::string& text) {
    std::vector<std::uint8_t> answers;
    for (std::size_t k = 0; k < text.size(); ++k) {
        const char* digit = std::char_traits<char>::find(digits, sizeof digits - 1, text[k]);
        if (digit == nullptr) {
            continue;
        }
        std::size_t count = 1;
        if (k + 1 < text.size() && text[k + 1] == '*') {
            count = std::strtoul(text.c_str() + k + 2, nullptr, 10);
            k = text.find('.', k);
        }
        answers.insert(answers.end(), count, static_cast<std::uint8_t>(digit - digits));
        if (k == std::string::npos) {
            break;
        }
    }
    return answers;
}

/// A replay asks the same questions only under the same bounds.
class bounded_replay final : public strategy {
public:
    bounded_replay(std::vector<std::uint8_t> answers, bool bounded)
        : inner_(make_replay(std::move(answers))), bounded_(bounded) {}
    bool begin() override { return inner_->begin(); }
    std::uint32_t pick(std::span<const option> options, bool can_go_on,
                       std::uint32_t step) override {
        return inner_->pick(options, can_go_on, step);
    }
    std::uint32_t choose(std::uint32_t count) override { return inner_->choose(count); }
    [[nodiscard]] bool bounded() const override { return bounded_; }

private:
    std::unique_ptr<strategy> inner_;
    bool bounded_;
};

std::unique_ptr<strategy> made(const campaign& how) {
    switch (how.by) {
    case search::random:
        return make_random(how.seed);
    case search::priorities:
        return make_priorities(how.seed, how.depth);
    case search::depth_first:
        return make_depth_first(how.states);
    }
    return nullptr;
}

} // namespace

const char* name_of(memory_mode memory) {
    static constexpr const char* names[] = {"sequential", "store buffers", "weak"};
    return names[static_cast<std::size_t>(memory)];
}
const char* name_of(search by) {
    static constexpr const char* names[] = {"random", "priorities", "depth first"};
    return names[static_cast<std::size_t>(by)];
}

campaign_result run(void (*scenario)(), const campaign& how) {
    campaign_result result;
    const std::unique_ptr<strategy> by = made(how);
    engine& all = the_engine();
    const double began = seconds_used();
    while (result.schedules < how.schedules &&
           (result.schedules % 64 != 63 || seconds_used() - began < how.seconds)) {
        if (!by->begin()) {
            result.exhausted = true;
            break;
        }
        const execution_end end = all.execute(scenario, *by, how.with, false);
        ++result.schedules;
        result.left_early += end == execution_end::seen_before ? 1 : 0;
        result.longest = std::max(result.longest, all.steps());
        if (end == execution_end::failed) {
            result.failed = true;
            result.failure = all.failure();
            result.failed_at = all.steps();
            result.replay = written(all.answers());
            break;
        }
    }
    result.states = by->states();
    result.seconds = seconds_used() - began;
    if (result.failed) {
        result.trace = run_again(scenario, how, result.replay).trace;
    }
    return result;
}

campaign_result run_again(void (*scenario)(), const campaign& how, const std::string& replay) {
    campaign_result result;
    engine& all = the_engine();
    bounded_replay by(parsed(replay), how.by == search::depth_first);
    by.begin();
    const execution_end end = all.execute(scenario, by, how.with, true);
    result.schedules = 1;
    result.failed = end == execution_end::failed;
    result.failure = all.failure();
    result.replay = replay;
    result.longest = all.steps();
    result.failed_at = all.steps();
    result.trace = all.trace();
    return result;
}

} // namespace twill::model

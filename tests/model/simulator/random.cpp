// SPDX-License-Identifier: Apache-2.0
#include "simulator/strategy.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace twill::model {
namespace {

// Choices other than the thread are ordinary in most cases, else a scenario only ever sees chaos.
class random_walk : public strategy {
public:
    explicit random_walk(std::uint64_t seed) : random_(seed) {}

    bool begin() override {
        constexpr std::array<std::uint32_t, 5> stays = {1, 2, 4, 8, 24};
        constexpr std::array<std::uint32_t, 4> rarities = {2, 4, 8, 32};
        stays_ = stays[random_.below(stays.size())];
        rarity_ = rarities[random_.below(rarities.size())];
        return true;
    }
    std::uint32_t pick(std::span<const option> options, bool can_go_on,
                       std::uint32_t /*step*/) override {
        if (can_go_on && !random_.one_in(stays_)) {
            return 0;
        }
        return random_.below(static_cast<std::uint32_t>(options.size()));
    }
    std::uint32_t choose(std::uint32_t count) override {
        return random_.one_in(rarity_) ? random_.below(count) : 0;
    }

protected:
    random_words random_;

private:
    std::uint32_t stays_ = 1;
    std::uint32_t rarity_ = 2;
};

class priorities : public random_walk {
public:
    priorities(std::uint64_t seed, std::uint32_t depth) : random_walk(seed), depth_(depth) {}

    bool begin() override {
        random_walk::begin();
        for (std::uint32_t& one : priority_) {
            one = depth_ + random_.below(1u << 16);
        }
        changes_.clear();
        for (std::uint32_t k = 1; k < depth_; ++k) {
            changes_.push_back(random_.below(std::max(longest_, 1u)));
        }
        std::ranges::sort(changes_, std::greater<>());
        lowest_ = depth_;
        return true;
    }
    std::uint32_t pick(std::span<const option> options, bool can_go_on,
                       std::uint32_t step) override {
        while (!changes_.empty() && changes_.back() <= step) {
            changes_.pop_back();
            if (can_go_on) {
                priority_[options.front().thread] = --lowest_;
            }
        }
        // Stores reach memory as if by a thread whose priority nobody knows.
        std::uint32_t best = 0;
        for (std::uint32_t k = 0; k < options.size(); ++k) {
            if (options[k].flush) {
                if (random_.one_in(8)) {
                    return k;
                }
            } else if (options[best].flush ||
                       priority_[options[k].thread] > priority_[options[best].thread]) {
                best = k;
            }
        }
        return best;
    }
    void end(std::uint32_t steps) override { longest_ = std::max(longest_, steps); }

private:
    std::uint32_t depth_;
    std::uint32_t lowest_ = 0;
    std::uint32_t longest_ = 0;
    std::array<std::uint32_t, 32> priority_{};
    std::vector<std::uint32_t> changes_; // latest first
};

class replay : public strategy {
public:
    explicit replay(std::vector<std::uint8_t> answers) : answers_(std::move(answers)) {}
    bool begin() override { return !std::exchange(begun_, true); }
    std::uint32_t pick(std::span<const option> options, bool /*can_go_on*/,
                       std::uint32_t /*step*/) override {
        return next(static_cast<std::uint32_t>(options.size()));
    }
    std::uint32_t choose(std::uint32_t count) override { return next(count); }

private:
    std::uint32_t next(std::uint32_t count) {
        const std::uint32_t answer = at_ < answers_.size() ? answers_[at_] : 0u;
        ++at_;
        return answer < count ? answer : 0;
    }
    std::vector<std::uint8_t> answers_;
    std::size_t at_ = 0;
    bool begun_ = false;
};

} // namespace

std::unique_ptr<strategy> make_random(std::uint64_t seed) {
    return std::make_unique<random_walk>(seed);
}
std::unique_ptr<strategy> make_priorities(std::uint64_t seed, std::uint32_t depth) {
    return std::make_unique<priorities>(seed, depth);
}
std::unique_ptr<strategy> make_replay(std::vector<std::uint8_t> answers) {
    return std::make_unique<replay>(std::move(answers));
}

} // namespace twill::model

// SPDX-License-Identifier: Apache-2.0
#include "simulator/strategy.hpp"

namespace twill::model {
namespace {

/// A set of state hashes in open addressing, each with the most preemptions that were left when it
/// was reached. Two states of one hash would be taken for one: with 64 bits and some millions of
/// states that is as good as never.
class state_set {
public:
    explicit state_set(std::size_t states_max) : limit_(states_max), slots_(first_size) {}

    /// True if the state was known with at least as many left.
    bool known(std::uint64_t state, std::uint32_t left) {
        state += state == 0 ? 1 : 0;
        slot& one = find(slots_, state);
        if (one.state == state) {
            if (one.left >= left) {
                return true;
            }
            one.left = left;
            return false;
        }
        if (size_ == limit_) {
            return false; // full: the search goes on without remembering more
        }
        one = {state, left};
        if (++size_ * 2 > slots_.size()) {
            grow();
        }
        return false;
    }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    struct slot {
        std::uint64_t state;
        std::uint32_t left;
    };
    static constexpr std::size_t first_size = std::size_t{1} << 16;

    static slot& find(std::vector<slot>& in, std::uint64_t state) {
        for (std::size_t at = state & (in.size() - 1);; at = (at + 1) & (in.size() - 1)) {
            if (in[at].state == state || in[at].state == 0) {
                return in[at];
            }
        }
    }
    void grow() {
        std::vector<slot> wider(slots_.size() * 2);
        for (const slot& one : slots_) {
            if (one.state != 0) {
                find(wider, one.state) = one;
            }
        }
        slots_.swap(wider);
    }

    std::size_t limit_;
    std::size_t size_ = 0;
    std::vector<slot> slots_;
};

// Stateless at heart: each execution repeats the choices of the one before up to the last that has
// an alternative left. A state that was reached before by another order of independent steps is not
// entered again: all that follows it has been seen, since the search is depth first and no
// execution comes back to a state of its own (each step adds to what its thread has observed).
class depth_first : public strategy {
public:
    explicit depth_first(std::size_t states_max) : states_(states_max) {}

    bool begin() override {
        if (begun_) {
            while (!path_.empty() && path_.back().taken + 1 == path_.back().count) {
                path_.pop_back();
            }
            if (path_.empty()) {
                return false;
            }
            ++path_.back().taken;
        }
        begun_ = true;
        at_ = 0;
        return true;
    }
    std::uint32_t pick(std::span<const option> options, bool /*can_go_on*/,
                       std::uint32_t /*step*/) override {
        return next(static_cast<std::uint32_t>(options.size()));
    }
    std::uint32_t choose(std::uint32_t count) override { return next(count); }
    [[nodiscard]] bool wants_state() const override { return at_ == path_.size(); }
    bool seen_before(std::uint64_t state, std::uint32_t left) override {
        return states_.known(state, left);
    }
    [[nodiscard]] std::uint64_t states() const override { return states_.size(); }
    [[nodiscard]] bool bounded() const override { return true; }

private:
    struct branch {
        std::uint8_t taken;
        std::uint8_t count;
    };

    std::uint32_t next(std::uint32_t count) {
        if (at_ == path_.size()) {
            path_.push_back({0, static_cast<std::uint8_t>(count)});
        }
        return path_[at_++].taken;
    }

    state_set states_;
    std::vector<branch> path_;
    std::size_t at_ = 0;
    bool begun_ = false;
};

} // namespace

std::unique_ptr<strategy> make_depth_first(std::size_t states_max) {
    return std::make_unique<depth_first>(states_max);
}

} // namespace twill::model

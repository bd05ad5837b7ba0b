// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "micro/samples.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace bench {

/// Many public jobs in one deque and one other thread that takes them: from the end of one to the
/// beginning of the next is one claim. The owner holds still, so that the other meets nobody.
class ladder {
public:
    static constexpr std::size_t depth = 40;

    /// Forks the jobs, each inside of the first half of the one before, and lets them be taken. To
    /// be called inside of a verb; the jobs belong to the calling thread.
    void round();

    /// How many claims a round has: the first job is taken alone, and the second after a wait.
    static constexpr std::size_t claims = depth - 2;

    /// What the claims of the last round took, one call of `use(from, to)` each, in readings of the
    /// counter. A job that its owner has run was not claimed.
    template <class Use>
    void each_claim(Use use) const {
        for (std::size_t i = 2; i < depth; ++i) {
            if (stamps_[i].owner == stamps_[i - 1].owner && stamps_[i].owner != owner_) {
                use(stamps_[i - 1].end, stamps_[i].begin);
            }
        }
    }

private:
    struct alignas(64) stamp {
        std::uint64_t begin;
        std::uint64_t end;
        std::thread::id owner;
    };

    void descend(std::size_t level);
    void child(std::size_t level);
    void publish_and_wait();

    /// 0 while the jobs are forked, then 1 more than how many have ended.
    std::atomic<std::size_t> claimed_{0};
    std::thread::id owner_;
    std::array<stamp, depth> stamps_{};
};

} // namespace bench

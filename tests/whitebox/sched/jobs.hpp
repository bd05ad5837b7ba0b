// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/deque.hpp"
#include "sched/job_state.hpp"
#include "twill/detail/hot_state.hpp"

#include <cstddef>
#include <memory>

namespace twill::sched {

/// Jobs as forks leave them: number 0 is the oldest. Each links to the one before it.
class job_list {
public:
    explicit job_list(std::size_t count) : jobs_(std::make_unique<job[]>(count)), count_(count) {
        for (std::size_t k = 0; k < count; ++k) {
            jobs_[k].link = detail::link_to(k == 0 ? nullptr : &jobs_[k - 1]);
            jobs_[k].run = nullptr;
        }
    }

    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] job& operator[](std::size_t k) const { return jobs_[k]; }
    [[nodiscard]] job* newest() const { return count_ == 0 ? nullptr : &jobs_[count_ - 1]; }
    [[nodiscard]] std::size_t number_of(const job* one) const {
        return static_cast<std::size_t>(one - jobs_.get());
    }

private:
    std::unique_ptr<job[]> jobs_;
    std::size_t count_;
};

/// What a thief does with the oldest job, and null if there is none.
inline job* steal_oldest(public_deque& from) {
    const deque_word word = from.read(detail::acquire);
    if (word.count() == 0) {
        return nullptr;
    }
    job* const one = from.oldest(word).one();
    return from.take(word) ? one : nullptr;
}

} // namespace twill::sched

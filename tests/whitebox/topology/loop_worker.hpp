// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sched/deque.hpp"
#include "sched/mailbox.hpp"
#include "sched/place.hpp"
#include "sched/place_set.hpp"
#include "sched/placed_parts.hpp"
#include "sched/search.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace twill::testing_support {

/// What a virtual worker is about to do when its time comes.
enum class doing { posts, looks, joins, arrives, asks, answers, ends_piece };

/// The half of a piece that others may take.
struct half {
    half(std::size_t first, std::size_t last) : begin(first), end(last) {}
    detail::job one{};
    std::size_t begin;
    std::size_t end;
};

struct loop_worker {
    double speed = 1;
    std::int64_t version = 0; ///< of what it does next; events of older ones are void
    int there = -1;           ///< on the way to this one
    bool asked = false;
    bool in_loop = false; ///< claims parts one after the other
    std::size_t begin = 0;
    std::size_t end = 0; ///< of the piece that it runs; begin == end: none
    std::int64_t began = 0;
    std::int64_t pieces = 0;             ///< that it has begun; answers are for one of them
    sched::placed_part* alone = nullptr; ///< the part that the piece is all of
    std::uint32_t epoch = 0;
    sched::public_deque deque;
    std::vector<std::unique_ptr<half>> halves; ///< of its own that were public, newest last
};

/// Who is asleep, and who is woken: the places that are free, and each of them with the thread that
/// sat there last.
class loop_places {
public:
    explicit loop_places(const topology::victim_policy& policy)
        : policy_(policy), counts_(0), with_spares_(policy) {}

    void sleep(int place) {
        counts_.add(+1, 0);
        with_spares_.set(place);
    }
    void add_searchers(int change) { counts_.add(0, change); }
    [[nodiscard]] bool idle() const { return counts_.read().idle(); }

    /// As scheduler::wake_one(): one at a time, until it has found something. Whose place it was
    /// that is woken, or -1.
    template <class Random>
    int wake_one(int near, Random& random) {
        int woken = -1;
        if (counts_.take_for_search() && !sched::visit_spares(policy_, near, with_spares_, {},
                                                              random, [this, &woken](int place) {
                                                                  const bool sleeps =
                                                                      with_spares_.has(place);
                                                                  if (sleeps) {
                                                                      with_spares_.clear(place);
                                                                      woken = place;
                                                                  }
                                                                  return sleeps;
                                                              })) {
            counts_.add(+1, -1);
        }
        return woken;
    }

private:
    const topology::victim_policy& policy_;
    sched::place_word counts_;
    sched::place_set with_spares_;
};

} // namespace twill::testing_support

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "twill/detail/views.hpp"

#include <cstdint>

namespace twill::sched {

/// The state word of a job once cold code has touched it: tag 3 | waiting 1 | owner 14 | thief 14
/// | epoch 28, from the low end. Once the job has ended: tag 3 | 0 | the upper 60 bits of the
/// address of its views, which is a multiple of 16.
struct job_state {
    std::uint64_t bits;

    enum class tag : std::uint64_t {
        published = 1, ///< in its owner's public deque
        sentinel = 2,  ///< private, but a walk along the list stops here
        returned = 3,
        threw = 4,
        taken = 5 ///< owner, thief and the thief's epoch are recorded
    };

    static constexpr std::uint64_t tag_mask = 7;
    /// The owner sleeps until the job ends.
    static constexpr std::uint64_t waiting = 8;
    static constexpr unsigned owner_shift = 4;
    static constexpr unsigned thief_shift = 18;
    static constexpr unsigned epoch_shift = 32;
    static constexpr std::uint64_t id_mask = (1u << 14) - 1;

    [[nodiscard]] constexpr tag what() const noexcept { return static_cast<tag>(bits & tag_mask); }
    [[nodiscard]] constexpr bool done() const noexcept {
        return what() == tag::returned || what() == tag::threw;
    }
    [[nodiscard]] constexpr std::uint32_t owner() const noexcept {
        return static_cast<std::uint32_t>(bits >> owner_shift & id_mask);
    }
    [[nodiscard]] constexpr std::uint32_t thief() const noexcept {
        return static_cast<std::uint32_t>(bits >> thief_shift & id_mask);
    }
    [[nodiscard]] constexpr std::uint32_t epoch() const noexcept {
        return static_cast<std::uint32_t>(bits >> epoch_shift);
    }

    /// Of a job that has ended: the views of its strand, null for none.
    [[nodiscard]] detail::view_map* views() const noexcept {
        return reinterpret_cast<detail::view_map*>(bits & ~(tag_mask | waiting));
    }
    static job_state ended(tag how, const detail::view_map* views) noexcept {
        return {static_cast<std::uint64_t>(how) | reinterpret_cast<std::uintptr_t>(views)};
    }

    /// What a thief adds to a published job; or-ing keeps the waiting bit that the owner may have
    /// set meanwhile. published | taken == taken.
    static constexpr std::uint64_t record(std::uint32_t owner, std::uint32_t thief,
                                          std::uint32_t epoch) noexcept {
        return static_cast<std::uint64_t>(tag::taken) | std::uint64_t{owner} << owner_shift |
               std::uint64_t{thief} << thief_shift | std::uint64_t{epoch} << epoch_shift;
    }
};

static_assert((static_cast<std::uint64_t>(job_state::tag::published) |
               static_cast<std::uint64_t>(job_state::tag::taken)) ==
              static_cast<std::uint64_t>(job_state::tag::taken));

static_assert(alignof(detail::view_map) > (job_state::tag_mask | job_state::waiting));

} // namespace twill::sched

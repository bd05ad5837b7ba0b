// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Loops whose elements lie somewhere: those over a numa_vector, and those with twill::at or
/// twill::near. The runtime cuts them into parts, each of which is a loop of its own, and says who
/// runs which; on a machine with one node and one kind of cores they are as all others.

#include "twill/detail/config.hpp"
#include "twill/detail/hot_state.hpp"
#include "twill/detail/limited.hpp"
#include "twill/detail/placement.hpp"
#include "twill/detail/range.hpp"
#include "twill/detail/slow_path.hpp"
#include "twill/options.hpp"

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace twill::inline abi_1::detail {

/// A placed loop as the runtime sees it.
struct placed_loop {
    /// So many parts need no room of their own, and the first of these are run as they are: nobody
    /// is given anything of them.
    static constexpr std::size_t parts_before = 3;
    static constexpr std::size_t parts_alone = 2;

    /// Runs the elements of one part, of which each number comes once.
    void (*run)(placed_loop& loop, std::size_t part, std::size_t begin, std::size_t end) noexcept;
    /// Makes room for what so many further parts come to; false without memory. Once at the most.
    bool (*reserve)(placed_loop& loop, std::size_t parts) noexcept;
    /// Is no further element to begin?
    bool (*ended)(const placed_loop& loop) noexcept;
    std::size_t count;
    std::size_t grain;
    /// Few elements, each of which may be a large task.
    bool few;
    place_hint where;
};

/// Runs all of a loop. False: nothing has been run, and it is a loop as any other: on a machine of
/// one node and one kind of cores, or not known yet, without memory, or with no known place.
TWILL_API TWILL_COLD bool run_placed_slow(placed_loop& loop) noexcept;

template <class Kernel>
struct placed_kernel : placed_loop {
    using accumulator = typename Kernel::accumulator;
    static constexpr bool adds_up = !std::is_empty_v<accumulator>;

    struct part_total {
        bool there = false;
        union {
            accumulator value;
        };
        part_total() noexcept {}
        ~part_total() {
            if (there) {
                value.~accumulator();
            }
        }
        part_total(const part_total&) = delete;
        part_total& operator=(const part_total&) = delete;
    };

    const Kernel& kernel;
    part_total first_totals[parts_before];
    part_total* totals = nullptr;
    std::size_t parts = 0;

    placed_kernel(const Kernel& over, std::size_t elements, const place_hint& hint) noexcept
        : placed_loop{&run_part,
                      &make_room,
                      &has_ended,
                      elements,
                      over.grain(),
                      Kernel::by_element && elements <= few_elements && over.grain() == 1,
                      hint},
          kernel(over) {}
    ~placed_kernel() { delete[] totals; }
    placed_kernel(const placed_kernel&) = delete;
    placed_kernel& operator=(const placed_kernel&) = delete;

    static void run_part(placed_loop& loop, std::size_t part, std::size_t begin,
                         std::size_t end) noexcept {
        auto& self = static_cast<placed_kernel&>(loop);
        if constexpr (adds_up) {
            part_total& into =
                part < parts_before ? self.first_totals[part] : self.totals[part - parts_before];
            new (__builtin_addressof(into.value)) accumulator(self.run_one(part, begin, end));
            into.there = true;
        } else {
            self.run_one(part, begin, end);
        }
    }
    static bool make_room(placed_loop& loop, std::size_t count) noexcept {
        auto& self = static_cast<placed_kernel&>(loop);
        if constexpr (adds_up) {
            self.totals = new (std::nothrow) part_total[count];
            self.parts = count;
            return self.totals != nullptr;
        }
        return true;
    }
    static bool has_ended(const placed_loop& loop) noexcept {
        return static_cast<const placed_kernel&>(loop).kernel.ended();
    }

    /// What all parts come to, in the order of their elements.
    accumulator total() noexcept {
        accumulator sum = kernel.start();
        TWILL_TRY {
            add(sum, first_totals, parts_before);
            add(sum, totals, parts);
        }
        TWILL_CATCH_ALL { kernel.control.fail(); }
        return sum;
    }

private:
    accumulator run_one(std::size_t part, std::size_t begin, std::size_t end) const noexcept {
        if (part >= parts_alone) {
            return run_piece(kernel, begin, end);
        }
        TWILL_TRY {
            accumulator total = kernel.start();
            if (!kernel.ended()) {
                kernel.run(total, begin, end);
            }
            return total;
        }
        TWILL_CATCH_ALL { kernel.control.fail(); }
        return kernel.start();
    }

    void add(accumulator& sum, part_total* from, std::size_t number) const {
        for (std::size_t k = 0; k < number; ++k) {
            if (from[k].there) {
                kernel.merge(sum, std::move(from[k].value));
            }
        }
    }
};

template <class Kernel>
TWILL_COLD typename Kernel::accumulator run_placed(const Kernel& kernel, std::size_t count,
                                                   const place_hint& where) noexcept {
    placed_kernel<Kernel> all(kernel, count, where);
    const bool enters = outside();
    if (enters) {
        enter_slow();
    }
    const std::uint32_t began = attended() ? loop_begin_slow() : 0;
    const bool placed = run_placed_slow(all);
    typename Kernel::accumulator total =
        placed ? all.total() : run_piece(kernel, std::size_t{0}, count);
    if (began != 0) {
        loop_end_slow(began);
    }
    if (enters) {
        leave_slow();
    }
    return total;
}

/// run_within() for a loop whose elements may lie somewhere. A limit is a promise and the place a
/// hint, so with both the place is left aside.
template <class Where, class Limit, class Kind, class Kernel>
TWILL_INLINE typename Kernel::accumulator run_where(const Where& where, const Limit& limit,
                                                    const Kind& as, const Kernel& kernel,
                                                    std::size_t count) noexcept {
    if constexpr (std::is_same_v<Where, no_place> || !std::is_same_v<Limit, no_limit>) {
        return run_within(limit, as, kernel, count);
    } else if constexpr (!std::is_same_v<Kind, no_kind>) {
        return run_where(where, limit, no_kind{}, kinded_kernel<Kernel>(kernel, as.number()),
                         count);
    } else {
        return where.known() ? run_placed(kernel, count, where) : run_loop(kernel, count);
    }
}

} // namespace twill::inline abi_1::detail

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/histogram.hpp"
#include "load/kind_names.hpp"
#include "twill/detail/atomic.hpp"

#include <cstdint>

namespace twill::load_model {

/// What one place has of one kind.
struct kind_reading {
    std::uint64_t ticks; ///< useful
    std::uint64_t delay; ///< run delay in that, nanoseconds
    std::uint64_t errors;
    std::uint64_t longest; ///< ticks
    std::uint64_t asleep;  ///< nanoseconds
};

/// The kinds of one place number, made when the first task of a kind begins there.
///
/// begin() and end() are for the thread that holds the place, one at a time. A thread above the
/// limit shares the number, so record() is for any thread, and so are the readers.
class alignas(64) kind_table {
public:
    kind_table() = default;
    ~kind_table() {
        for (cell& one : cells_) {
            delete one.lengths.load(detail::relaxed);
        }
    }
    kind_table(const kind_table&) = delete;
    kind_table& operator=(const kind_table&) = delete;

    /// From `now` on useful time is that of the kind. `delayed`: the run delay that has been
    /// charged to the place's useful time so far; what is new at the end is the kind's.
    void begin(std::uint32_t kind, std::uint64_t now, std::uint64_t delayed) noexcept {
        const std::uint32_t sequence = sequence_.load(detail::relaxed);
        sequence_.store(sequence + 1, detail::relaxed);
        // release: whoever reads one of these by the acquire in read() also sees the odd number
        since_.store(now, detail::release);
        delayed_.store(delayed, detail::release);
        current_.store(kind, detail::release);
        // release: pairs with the acquire of the number in read()
        sequence_.store(sequence + 2, detail::release);
    }

    /// Returns the run delay that the kind got, in nanoseconds.
    std::uint64_t end(std::uint64_t now, std::uint64_t delayed) noexcept;

    /// A task of the kind has ended.
    void record(std::uint32_t kind, std::uint64_t length, bool threw) noexcept;

    /// A task of the kind held its place for so many nanoseconds while its thread slept.
    void add_asleep(std::uint32_t kind, std::uint64_t nanoseconds) noexcept {
        cells_[kind].asleep.fetch_add(nanoseconds, detail::relaxed);
    }

    /// Up to `now`, where `delayed` is the useful time's run delay by then.
    [[nodiscard]] kind_reading read(std::uint32_t kind, std::uint64_t now,
                                    std::uint64_t delayed) const noexcept;
    /// Null before the first task of the kind has ended here.
    [[nodiscard]] const histogram* lengths(std::uint32_t kind) const noexcept {
        // acquire: pairs with the release in record()
        return cells_[kind].lengths.load(detail::acquire);
    }

private:
    struct cell {
        detail::atomic<std::uint64_t> ticks{0};
        detail::atomic<std::uint64_t> delay{0};
        detail::atomic<std::uint64_t> errors{0};
        detail::atomic<std::uint64_t> longest{0};
        detail::atomic<std::uint64_t> asleep{0};
        detail::atomic<histogram*> lengths{nullptr};
    };

    detail::atomic<std::uint32_t> sequence_{0}; // odd while begin() or end() writes
    detail::atomic<std::uint32_t> current_{unnamed_kind};
    detail::atomic<std::uint64_t> since_{0};
    detail::atomic<std::uint64_t> delayed_{0};
    cell cells_[kind_numbers];
};

/// One line, once: what is of kinds counts as unnamed, or not at all, for lack of memory.
void complain_of_kinds() noexcept;

} // namespace twill::load_model

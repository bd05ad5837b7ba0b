// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/access.hpp"
#include "simulator/view.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace twill::model {

enum class memory_mode : std::uint8_t {
    /// Each access at once and in the order of the schedule.
    sequential,
    /// Stores wait in a buffer of their thread, first in, first out; any read-modify-write and any
    /// seq_cst store drains it (x86).
    store_buffers,
    /// The C++ model without load buffering: a load may see any store that its order and the
    /// thread's view allow, so relaxed stores are seen late and out of order.
    weak
};

inline constexpr std::uint32_t virtual_threads_max = 12;

/// What memory keeps for one virtual thread.
struct thread_side {
    struct buffered_store {
        std::uint32_t location;
        std::uint64_t value;
    };
    std::uint32_t number = 0;
    view seen;
    std::deque<buffered_store> buffer;
};

/// All simulated words of one execution. Nothing in here schedules or chooses.
class memory {
public:
    void begin(memory_mode mode, std::uint32_t distance);

    /// The number of the word's location; it enters with its plain value at the first touch.
    std::uint32_t find(cell word);
    [[nodiscard]] bool dead(std::uint32_t number) const { return locations_[number].dead; }
    void created(cell word) noexcept;
    void destroyed(cell word) noexcept;

    /// How many different stores a load may see, at least one. Age 0 is the newest.
    [[nodiscard]] std::uint32_t candidates(std::uint32_t number, const thread_side& reader,
                                           std::memory_order order) const;
    /// What the load of that age would return, without its effects.
    [[nodiscard]] std::uint64_t peek(std::uint32_t number, const thread_side& reader,
                                     std::uint32_t age) const;
    std::uint64_t read(std::uint32_t number, thread_side& reader, std::memory_order order,
                       std::uint32_t age);
    void write(std::uint32_t number, thread_side& writer, std::uint64_t value,
               std::memory_order order);
    /// A read-modify-write that found the newest value and leaves `value`.
    void replace(std::uint32_t number, thread_side& writer, std::uint64_t value,
                 std::memory_order order);

    void flush_oldest(thread_side& writer);
    void drain(thread_side& writer);

    /// For queues and mutexes: views that travel beside the words.
    void join(thread_side& reader, const view& other) { reader.seen.join(other); }
    /// The thread has seen everything.
    void see_all(thread_side& reader) const;

    /// Variables that are not atomic. False: it races with an access of another thread.
    bool plain_read(std::uint32_t number, thread_side& reader);
    bool plain_write(std::uint32_t number, thread_side& writer);

    /// Hashes of what decides how an execution goes on.
    [[nodiscard]] std::uint64_t hash();
    [[nodiscard]] std::uint64_t hash_of(const view& seen) const;
    [[nodiscard]] std::uint64_t hash_of(const thread_side& side) const;
    /// Other shared state, a queue say, adds itself here, and takes itself away by adding again.
    void toggle_hash(std::uint64_t part) noexcept { extra_hash_ ^= part; }

private:
    struct store_record {
        std::uint64_t value;
        const view* released; // null: nothing
    };
    struct location {
        cell word{};
        bool dead = false;
        bool hashed = false;
        std::int16_t floor = 0; // the newest store that a seq_cst access has seen or made
        std::vector<store_record> stores;
        std::array<std::int16_t, virtual_threads_max> read_at{}; // plain reads, in thread clocks
        std::uint64_t key = 0;
        std::uint64_t hash = 0;
    };
    struct slot {
        std::uintptr_t address;
        std::uint32_t execution;
        std::uint32_t location;   // 0: none now
        std::uint32_t generation; // how many words lay here before
    };
    static constexpr std::uint32_t slot_count = 4096;

    [[nodiscard]] std::int16_t newest(const location& at) const {
        return static_cast<std::int16_t>(at.stores.size() - 1);
    }
    slot* lookup(std::uintptr_t address) noexcept;
    const view* snapshot(const view& of);
    void commit(location& at, std::uint64_t value, const view* released);
    void touched(location& at) noexcept;
    std::uint64_t hash_location(const location& at) const;

    memory_mode mode_ = memory_mode::sequential;
    std::uint32_t distance_ = 2;
    std::uint32_t execution_ = 0;
    std::uint32_t used_ = 0;
    std::vector<location> locations_;
    std::vector<slot> slots_ = std::vector<slot>(slot_count);
    std::deque<view> views_;
    std::size_t views_used_ = 0;
    std::uint64_t hash_ = 0;
    std::uint64_t extra_hash_ = 0;
    std::vector<std::uint32_t> to_hash_;
};

} // namespace twill::model

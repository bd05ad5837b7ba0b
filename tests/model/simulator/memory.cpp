// SPDX-License-Identifier: Apache-2.0
#include "simulator/memory.hpp"

#include "simulator/engine.hpp"

#include <cstring>

namespace twill::model {
namespace {

bool acquires(std::memory_order order) {
    return order == std::memory_order_acquire || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}
bool releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel ||
           order == std::memory_order_seq_cst;
}

std::uint64_t raw_value(cell word) {
    std::uint64_t value = 0;
    std::memcpy(&value, word.address, word.size);
    return value;
}

} // namespace

// The first locations are the clocks of the threads, which count plain accesses.
void memory::begin(memory_mode mode, std::uint32_t distance) {
    mode_ = mode;
    distance_ = distance;
    ++execution_;
    used_ = virtual_threads_max;
    if (locations_.size() < used_) {
        locations_.resize(used_);
    }
    for (std::uint32_t k = 0; k < used_; ++k) {
        locations_[k].key = mix(k, 17);
        locations_[k].floor = 0;
        locations_[k].stores.assign(1, {0, nullptr});
    }
    views_used_ = 0;
    hash_ = 0;
    extra_hash_ = 0;
    to_hash_.clear();
}

memory::slot* memory::lookup(std::uintptr_t address) noexcept {
    for (std::uint32_t at = static_cast<std::uint32_t>(mix(address, 3)) % slot_count;;
         at = (at + 1) % slot_count) {
        slot& one = slots_[at];
        if (one.execution != execution_ || one.address == address) {
            return &one;
        }
    }
}

std::uint32_t memory::find(cell word) {
    const auto address = reinterpret_cast<std::uintptr_t>(word.address);
    slot& one = *lookup(address);
    if (one.execution == execution_ && one.location != 0) {
        return one.location;
    }
    if (used_ == view::capacity) {
        the_engine().fail("the scenario touches more words than the simulator keeps");
    }
    if (one.execution != execution_) {
        one = {address, execution_, 0, 0};
    }
    one.location = used_;
    if (locations_.size() == used_) {
        locations_.emplace_back();
    }
    location& made = locations_[used_];
    made.word = word;
    made.dead = false;
    made.floor = 0;
    made.stores.assign(1, {raw_value(word), nullptr});
    made.read_at.fill(0);
    made.key = mix(address, one.generation);
    made.hash = 0;
    made.hashed = true;
    touched(made);
    return used_++;
}

void memory::created(cell word) noexcept {
    slot& one = *lookup(reinterpret_cast<std::uintptr_t>(word.address));
    if (one.execution == execution_ && one.location != 0) {
        locations_[one.location].dead = true;
        touched(locations_[one.location]);
        one.location = 0; // a new word at an address that was used before
        ++one.generation;
    }
}

void memory::destroyed(cell word) noexcept {
    slot& one = *lookup(reinterpret_cast<std::uintptr_t>(word.address));
    if (one.execution == execution_ && one.location != 0) {
        locations_[one.location].dead = true;
        touched(locations_[one.location]);
    }
}

std::uint32_t memory::candidates(std::uint32_t number, const thread_side& reader,
                                 std::memory_order order) const {
    if (mode_ != memory_mode::weak) {
        return 1;
    }
    const location& at = locations_[number];
    std::int32_t oldest = reader.seen.at(number);
    if (order == std::memory_order_seq_cst && at.floor > oldest) {
        oldest = at.floor;
    }
    const auto count = static_cast<std::uint32_t>(newest(at) - oldest + 1);
    return count > distance_ + 1 ? distance_ + 1 : count;
}

std::uint64_t memory::peek(std::uint32_t number, const thread_side& reader,
                           std::uint32_t age) const {
    for (auto one = reader.buffer.rbegin(); one != reader.buffer.rend(); ++one) {
        if (one->location == number) {
            return one->value; // its own store, not yet in memory
        }
    }
    const location& at = locations_[number];
    return at.stores[at.stores.size() - 1 - age].value;
}

std::uint64_t memory::read(std::uint32_t number, thread_side& reader, std::memory_order order,
                           std::uint32_t age) {
    const std::uint64_t value = peek(number, reader, age);
    if (mode_ == memory_mode::weak) {
        location& at = locations_[number];
        const auto store = static_cast<std::int16_t>(newest(at) - static_cast<std::int32_t>(age));
        reader.seen.raise(number, store);
        if (const view* released = at.stores[static_cast<std::size_t>(store)].released;
            released != nullptr && acquires(order)) {
            reader.seen.join(*released);
        }
        if (order == std::memory_order_seq_cst && store > at.floor) {
            at.floor = store;
            touched(at);
        }
    }
    return value;
}

void memory::write(std::uint32_t number, thread_side& writer, std::uint64_t value,
                   std::memory_order order) {
    if (mode_ == memory_mode::store_buffers) {
        writer.buffer.push_back({number, value});
        return;
    }
    location& at = locations_[number];
    writer.seen.raise(number, static_cast<std::int16_t>(newest(at) + 1));
    const bool keeps = mode_ == memory_mode::weak && releases(order);
    commit(at, value, keeps ? snapshot(writer.seen) : nullptr);
    if (order == std::memory_order_seq_cst) {
        at.floor = newest(at);
    }
}

// A read-modify-write goes on with the release sequence that it reads from.
void memory::replace(std::uint32_t number, thread_side& writer, std::uint64_t value,
                     std::memory_order order) {
    location& at = locations_[number];
    const view* before = at.stores.back().released;
    if (mode_ == memory_mode::weak) {
        if (before != nullptr && acquires(order)) {
            writer.seen.join(*before);
        }
        writer.seen.raise(number, static_cast<std::int16_t>(newest(at) + 1));
        if (releases(order)) {
            if (before == nullptr || acquires(order)) {
                before = snapshot(writer.seen);
            } else {
                view both = writer.seen;
                both.join(*before);
                before = snapshot(both);
            }
        }
    }
    commit(at, value, before);
    if (order == std::memory_order_seq_cst) {
        at.floor = newest(at);
    }
}

void memory::commit(location& at, std::uint64_t value, const view* released) {
    if (mode_ == memory_mode::weak) {
        at.stores.push_back({value, released});
    } else {
        at.stores.front() = {value, nullptr};
    }
    if (!at.dead) {
        std::memcpy(at.word.address, &value, at.word.size);
    }
    touched(at);
}

void memory::flush_oldest(thread_side& writer) {
    const auto oldest = writer.buffer.front();
    writer.buffer.pop_front();
    location& at = locations_[oldest.location];
    // A frame may die with a store of its owner on the way: nobody can see it any more.
    if (!at.dead) {
        commit(at, oldest.value, nullptr);
    }
}

void memory::drain(thread_side& writer) {
    while (!writer.buffer.empty()) {
        flush_oldest(writer);
    }
}

void memory::see_all(thread_side& reader) const {
    for (std::uint32_t k = virtual_threads_max; k < used_; ++k) {
        reader.seen.raise(k, newest(locations_[k]));
    }
    for (std::uint32_t k = 0; k < virtual_threads_max; ++k) {
        reader.seen.raise(k, static_cast<std::int16_t>(locations_[k].floor));
    }
}

bool memory::plain_read(std::uint32_t number, thread_side& reader) {
    if (mode_ != memory_mode::weak) {
        return true;
    }
    location& at = locations_[number];
    location& clock = locations_[reader.number];
    reader.seen.raise(reader.number, ++clock.floor);
    at.read_at[reader.number] = clock.floor;
    return reader.seen.at(number) == newest(at);
}

bool memory::plain_write(std::uint32_t number, thread_side& writer) {
    if (mode_ != memory_mode::weak) {
        return true;
    }
    location& at = locations_[number];
    bool ordered = writer.seen.at(number) == newest(at);
    for (std::uint32_t k = 0; k < virtual_threads_max; ++k) {
        ordered = ordered && at.read_at[k] <= writer.seen.at(k);
    }
    at.stores.push_back({0, nullptr});
    writer.seen.raise(number, newest(at));
    touched(at);
    return ordered;
}

const view* memory::snapshot(const view& of) {
    if (views_used_ == views_.size()) {
        views_.emplace_back();
    }
    view& copy = views_[views_used_++];
    copy.assign(of);
    return &copy;
}

void memory::touched(location& at) noexcept {
    if (at.hashed) {
        at.hashed = false;
        to_hash_.push_back(static_cast<std::uint32_t>(&at - locations_.data()));
    }
}

std::uint64_t memory::hash_of(const view& seen) const {
    std::uint64_t sum = 0;
    for (std::uint32_t k = 0; k < seen.size; ++k) {
        if (seen.seen[k] != 0) {
            sum ^= mix(locations_[k].key, static_cast<std::uint64_t>(seen.seen[k]));
        }
    }
    return sum;
}

std::uint64_t memory::hash_of(const thread_side& side) const {
    std::uint64_t sum = mode_ == memory_mode::weak ? hash_of(side.seen) : 0;
    for (const auto& one : side.buffer) {
        sum = mix(sum, mix(locations_[one.location].key, one.value));
    }
    return sum;
}

// Only what a load may still see counts.
std::uint64_t memory::hash_location(const location& at) const {
    if (at.dead) {
        return 0;
    }
    std::uint64_t sum = mix(at.key, mode_ == memory_mode::weak ? at.stores.size() : 0);
    const std::size_t count = at.stores.size();
    for (std::size_t k = count > distance_ + 1 ? count - distance_ - 1 : 0; k < count; ++k) {
        sum = mix(sum, at.stores[k].value);
        if (at.stores[k].released != nullptr) {
            sum = mix(sum, hash_of(*at.stores[k].released));
        }
    }
    return mix(sum, static_cast<std::uint64_t>(at.floor));
}

std::uint64_t memory::hash() {
    for (const std::uint32_t k : to_hash_) {
        location& at = locations_[k];
        hash_ ^= at.hash;
        at.hash = hash_location(at);
        hash_ ^= at.hash;
        at.hashed = true;
    }
    to_hash_.clear();
    return hash_ ^ extra_hash_;
}

} // namespace twill::model

// SPDX-License-Identifier: Apache-2.0
#include "simulator/access.hpp"

#include "simulator/arena.hpp"
#include "simulator/engine.hpp"

#include <cstring>

namespace twill::model {
namespace {

std::uint64_t plain_value(cell word) {
    std::uint64_t value = 0;
    std::memcpy(&value, word.address, word.size);
    return value;
}

std::uint64_t changed_by(modification what, std::uint64_t before, std::uint64_t operand) {
    switch (what) {
    case modification::exchange:
        return operand;
    case modification::add:
        return before + operand;
    case modification::subtract:
        return before - operand;
    case modification::bit_or:
        return before | operand;
    case modification::bit_and:
        return before & operand;
    }
    return operand;
}

std::uint64_t cut(cell word, std::uint64_t value) {
    return word.size == 8 ? value : value & ((std::uint64_t{1} << (8 * word.size)) - 1);
}

const char* text_of(std::memory_order order) {
    switch (order) {
    case std::memory_order_relaxed:
        return "relaxed";
    case std::memory_order_acquire:
        return "acquire";
    case std::memory_order_release:
        return "release";
    case std::memory_order_acq_rel:
        return "acq_rel";
    default:
        return "seq_cst";
    }
}

std::string text_of(std::uint64_t value) {
    char text[32];
    std::snprintf(text, sizeof text, value < 10 ? "%llu" : "0x%llx",
                  static_cast<unsigned long long>(value));
    return text;
}

// Below this lies no object: a field of a null record.
constexpr std::uintptr_t first_object = 1 << 16;

/// The turn of the running thread at `word`.
std::uint32_t arrive(cell word) {
    engine& all = the_engine();
    all.step();
    if (reinterpret_cast<std::uintptr_t>(word.address) < first_object) {
        all.fail("a null pointer was followed");
    }
    const std::uint32_t location = all.words().find(word);
    if (all.words().dead(location)) {
        all.fail("touched a word after its end: " + all.name_of(word.address));
    }
    return location;
}

} // namespace

std::uint64_t load(cell word, std::memory_order order) {
    engine& all = the_engine();
    if (!all.stepping()) {
        return plain_value(word);
    }
    const outside_arena here;
    const std::uint32_t location = arrive(word);
    thread_side& side = all.running().side;
    const std::uint32_t age = all.choose_late(all.words().candidates(location, side, order));
    const std::uint64_t value = all.words().read(location, side, order, age);
    all.observe(value);
    if (all.traced()) {
        all.note("load " + all.name_of(word.address) + " " + text_of(order) + " -> " +
                 text_of(value) + (age > 0 ? " (" + std::to_string(age) + " late)" : ""));
    }
    return value;
}

void store(cell word, std::uint64_t value, std::memory_order order) {
    engine& all = the_engine();
    value = cut(word, value);
    if (!all.stepping()) {
        std::memcpy(word.address, &value, word.size);
        return;
    }
    const outside_arena here;
    const std::uint32_t location = arrive(word);
    thread_side& side = all.running().side;
    if (side.buffer.size() >= all.with().buffered) {
        all.words().flush_oldest(side);
    }
    all.words().write(location, side, value, order);
    if (order == std::memory_order_seq_cst) {
        all.words().drain(side);
    }
    all.changed();
    all.observe(value);
    if (all.traced()) {
        all.note("store " + all.name_of(word.address) + " " + text_of(order) + " <- " +
                 text_of(value));
    }
}

std::uint64_t modify(cell word, modification what, std::uint64_t operand, std::memory_order order) {
    engine& all = the_engine();
    if (!all.stepping()) {
        const std::uint64_t before = plain_value(word);
        const std::uint64_t after = changed_by(what, before, operand);
        std::memcpy(word.address, &after, word.size);
        return before;
    }
    const outside_arena here;
    const std::uint32_t location = arrive(word);
    thread_side& side = all.running().side;
    all.words().drain(side);
    const std::uint64_t before = all.words().peek(location, side, 0);
    const std::uint64_t after = cut(word, changed_by(what, before, operand));
    all.words().replace(location, side, after, order);
    all.changed();
    all.observe(before);
    if (all.traced()) {
        all.note("modify " + all.name_of(word.address) + " " + text_of(order) + " " +
                 text_of(before) + " -> " + text_of(after));
    }
    return before;
}

bool compare_exchange(cell word, std::uint64_t& expected, std::uint64_t desired,
                      std::memory_order success, std::memory_order failure, bool weak) {
    engine& all = the_engine();
    expected = cut(word, expected);
    if (!all.stepping()) {
        const std::uint64_t found = plain_value(word);
        const bool same = found == expected;
        if (same) {
            std::memcpy(word.address, &desired, word.size);
        }
        expected = found;
        return same;
    }
    const outside_arena here;
    const std::uint32_t location = arrive(word);
    thread_side& side = all.running().side;
    all.words().drain(side);
    // One that fails is a load and may see an older store, unless that is the expected one.
    std::uint32_t age = all.choose_late(all.words().candidates(location, side, failure));
    if (all.words().peek(location, side, age) == expected) {
        age = 0;
    }
    std::uint64_t found = all.words().peek(location, side, age);
    bool same = age == 0 && found == expected;
    if (same && weak && all.choose_spurious()) {
        same = false;
    }
    if (same) {
        all.words().replace(location, side, cut(word, desired), success);
        all.changed();
    } else {
        found = all.words().read(location, side, failure, age);
    }
    all.observe(mix(found, same ? 1 : 0));
    if (all.traced()) {
        all.note("compare " + all.name_of(word.address) + " " + text_of(same ? success : failure) +
                 " " + text_of(expected) + " -> " + text_of(cut(word, desired)) +
                 (same ? "" : ", found " + text_of(found)));
    }
    expected = found;
    return same;
}

void word_created(cell word) noexcept {
    engine& all = the_engine();
    if (all.simulating() && !in_arena(word.address)) { // the arena uses no address twice
        const outside_arena here;
        all.words().created(word);
    }
}

void word_destroyed(cell word) noexcept {
    engine& all = the_engine();
    if (all.simulating()) {
        const outside_arena here;
        all.words().destroyed(word);
    }
}

bool on_virtual_stack(const void* address) noexcept {
    engine& all = the_engine();
    if (!all.simulating()) {
        return false;
    }
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const fiber& stack = all.running().stack;
    return at >= stack.low() && at < stack.high();
}

// The system calls are full barriers, and the kernel compares what is in memory.
void wait_on_futex(cell word, std::uint32_t expected) {
    engine& all = the_engine();
    const outside_arena here;
    const std::uint32_t location = arrive(word);
    thread_side& side = all.running().side;
    all.words().drain(side);
    const std::uint64_t value = all.words().peek(location, side, 0);
    all.observe(value);
    const bool sleeps = value == expected && !all.choose_spurious();
    if (all.traced()) {
        all.note("futex wait " + all.name_of(word.address) + (sleeps ? "" : ": returns"));
    }
    if (sleeps) {
        all.block(thread_state::futex, word.address);
    }
}

// The kernel takes the address only, so the word may be gone.
void wake_futex(cell word, int count) {
    engine& all = the_engine();
    const outside_arena here;
    all.step();
    all.words().drain(all.running().side);
    const std::uint32_t woken =
        all.release(thread_state::futex, word.address, static_cast<std::uint32_t>(count));
    all.observe(woken);
    if (all.traced()) {
        all.note("futex wake " + all.name_of(word.address) + ": " + std::to_string(woken));
    }
}

void spin_once() {
    const outside_arena here;
    the_engine().spin();
}

std::uint64_t now() { return the_engine().running().clock; }

void* thread_storage() noexcept { return the_engine().running().storage; }

} // namespace twill::model

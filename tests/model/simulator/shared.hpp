// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/arena.hpp"
#include "simulator/engine.hpp"

#include <deque>
#include <utility>

/// \file
/// What virtual threads share beside atomic words.

namespace twill::model {

/// A variable that is not atomic. Two accesses of which one writes must be ordered by the words
/// between them (checked in memory_mode::weak, by what each thread has seen).
template <class T>
class plain {
public:
    plain() { word_created(self()); }
    explicit plain(T value) : value_(value) { word_created(self()); }
    ~plain() { word_destroyed(self()); }
    plain(const plain&) = delete;
    plain& operator=(const plain&) = delete;

    T read() const {
        access(false);
        return value_;
    }
    void write(T value) {
        access(true);
        value_ = value;
    }

private:
    [[nodiscard]] cell self() const { return {const_cast<unsigned char*>(&tag_), 1}; }
    void access(bool writes) const {
        engine& all = the_engine();
        if (!all.simulating()) {
            return;
        }
        const outside_arena here;
        const std::uint32_t location = all.words().find(self());
        if (all.words().dead(location)) {
            all.fail("touched a variable after its end: " + all.name_of(this));
        }
        thread_side& side = all.running().side;
        if (!(writes ? all.words().plain_write(location, side)
                     : all.words().plain_read(location, side))) {
            all.fail("data race: " + all.name_of(this));
        }
    }

    T value_{};
    unsigned char tag_ = 0;
};

/// A queue whose operations are one step each: what stands in for a library's concurrent queue.
template <class T>
class atomic_queue {
public:
    void push(T value) {
        engine& all = the_engine();
        const outside_arena here;
        all.step();
        all.words().drain(all.running().side);
        elements_.push_back({value, all.running().side.seen});
        toggle(elements_.size() - 1);
        all.changed();
        all.observe(1);
        all.note("queue push");
    }
    bool try_pop(T& value) {
        engine& all = the_engine();
        const outside_arena here;
        all.step();
        all.words().drain(all.running().side);
        if (elements_.empty()) {
            all.observe(2);
            return false;
        }
        for (std::size_t k = 0; k < elements_.size(); ++k) {
            toggle(k);
        }
        value = elements_.front().value;
        all.words().join(all.running().side, elements_.front().seen);
        elements_.pop_front();
        for (std::size_t k = 0; k < elements_.size(); ++k) {
            toggle(k);
        }
        all.changed();
        all.observe(reinterpret_cast<std::uintptr_t>(value));
        all.note("queue pop");
        return true;
    }

private:
    struct element {
        T value;
        view seen;
    };
    void toggle(std::size_t k) {
        the_engine().words().toggle_hash(
            mix(mix(reinterpret_cast<std::uintptr_t>(this), k),
                mix(reinterpret_cast<std::uintptr_t>(elements_[k].value),
                    the_engine().words().hash_of(elements_[k].seen))));
    }
    std::deque<element> elements_;
};

} // namespace twill::model

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
    // The elements lie in the arena, like everything that ends with the execution.
    void push(T value) {
        arrive();
        elements_.push_back({value, the_engine().running().side.seen});
        toggle(elements_.size() - 1);
        leave(1, "queue push");
    }
    bool try_pop(T& value) {
        arrive();
        if (elements_.empty()) {
            leave(2, "queue pop: empty");
            return false;
        }
        toggle_all();
        value = elements_.front().value;
        the_engine().words().join(the_engine().running().side, elements_.front().seen);
        elements_.pop_front();
        toggle_all();
        leave(reinterpret_cast<std::uintptr_t>(value), "queue pop");
        return true;
    }

private:
    struct element {
        T value;
        view seen;
    };
    void arrive() {
        const outside_arena here;
        the_engine().step();
        the_engine().words().drain(the_engine().running().side);
    }
    void leave(std::uint64_t observed, const char* what) {
        const outside_arena here;
        the_engine().changed();
        the_engine().observe(observed);
        the_engine().note(what);
    }
    void toggle_all() {
        for (std::size_t k = 0; k < elements_.size(); ++k) {
            toggle(k);
        }
    }
    void toggle(std::size_t k) {
        the_engine().words().toggle_hash(
            mix(mix(reinterpret_cast<std::uintptr_t>(this), k),
                mix(reinterpret_cast<std::uintptr_t>(elements_[k].value),
                    the_engine().words().hash_of(elements_[k].seen))));
    }
    std::deque<element> elements_;
};

} // namespace twill::model

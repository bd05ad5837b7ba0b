// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/arena.hpp"
#include "simulator/engine.hpp"

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

} // namespace twill::model

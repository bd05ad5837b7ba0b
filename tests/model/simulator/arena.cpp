// SPDX-License-Identifier: Apache-2.0
#include "simulator/arena.hpp"

#include "simulator/engine.hpp"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace twill::model {
namespace {

constexpr std::size_t arena_size = std::size_t{4} << 20;

alignas(4096) unsigned char arena[arena_size];
std::size_t used = 0;
bool active = false;

void* allocate(std::size_t size, std::size_t alignment) {
    if (active) {
        const std::size_t at = (used + alignment - 1) & ~(alignment - 1);
        if (size <= arena_size - at) {
            used = at + size;
            the_engine().observe(at); // what the address is depends on who allocated before
            return arena + at;
        }
        std::abort(); // no scenario needs as much
    }
    void* memory = alignment > alignof(std::max_align_t)
                       ? std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1))
                       : std::malloc(size > 0 ? size : 1);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void release(void* memory) noexcept {
    if (!in_arena(memory)) {
        std::free(memory);
    }
}

} // namespace

outside_arena::outside_arena() noexcept : before_(active) { active = false; }
outside_arena::~outside_arena() { active = before_; }

void enter_arena() noexcept { active = true; }
void reset_arena() noexcept {
    used = 0;
    active = false;
}
bool in_arena(const void* address) noexcept {
    const auto* byte = static_cast<const unsigned char*>(address);
    return byte >= arena && byte < arena + arena_size;
}
std::size_t arena_offset(const void* address) noexcept {
    return static_cast<std::size_t>(static_cast<const unsigned char*>(address) - arena);
}

} // namespace twill::model

// The forms that libstdc++ does not route to these by itself.
void* operator new(std::size_t size) {
    return twill::model::allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return twill::model::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { twill::model::release(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { twill::model::release(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
    twill::model::release(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    twill::model::release(memory);
}

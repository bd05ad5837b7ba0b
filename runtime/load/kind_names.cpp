// SPDX-License-Identifier: Apache-2.0
#include "load/kind_names.hpp"

#include "load/guard.hpp"
#include "os/message.hpp"
#include "twill/detail/kind.hpp"

#include <cstring>
#include <mutex>
#include <new>

namespace twill::load_model {

namespace {

// By number. A name is never taken back, so whoever has a number may read its name for good.
constinit detail::atomic<const char*> names[kind_numbers]{};
constinit detail::atomic<std::uint32_t> count{0};
constinit guard adding;
constinit detail::atomic<std::uint32_t> told{0};

std::uint32_t find(const char* name, std::uint32_t from, std::uint32_t to) noexcept {
    for (std::uint32_t number = from; number <= to; ++number) {
        if (std::strcmp(names[number].load(detail::relaxed), name) == 0) {
            return number;
        }
    }
    return unnamed_kind;
}

const char* copy_of(const char* name) noexcept {
    const std::size_t size = std::strlen(name) + 1;
    char* const copy = new (std::nothrow) char[size];
    if (copy != nullptr) {
        std::memcpy(copy, name, size);
    }
    return copy;
}

std::uint32_t refuse(const char* name, const char* why) noexcept {
    if (told.exchange(1, detail::relaxed) == 0) {
        os::say("twill: %s: the kind \"%s\" and further ones count as \"(others)\"\n", why, name);
    }
    return other_kinds;
}

} // namespace

std::uint32_t number_of_kind(const char* name) noexcept {
    if (name == nullptr || *name == '\0' || std::strcmp(name, name_of_kind(unnamed_kind)) == 0) {
        return unnamed_kind;
    }
    // acquire: pairs with the release below, for the names up to this number
    const std::uint32_t seen = count.load(detail::acquire);
    if (const std::uint32_t number = find(name, 1, seen); number != unnamed_kind) {
        return number;
    }
    const std::lock_guard locked(adding);
    const std::uint32_t last = count.load(detail::relaxed);
    if (const std::uint32_t number = find(name, seen + 1, last); number != unnamed_kind) {
        return number;
    }
    if (last == most_kinds) {
        return std::strcmp(name, name_of_kind(other_kinds)) == 0
                   ? other_kinds
                   : refuse(name, "there are 254 kinds");
    }
    const char* const copy = copy_of(name);
    if (copy == nullptr) {
        return refuse(name, "no memory for a name");
    }
    names[last + 1].store(copy, detail::relaxed);
    count.store(last + 1, detail::release); // acquire above
    return last + 1;
}

std::uint32_t kinds_made() noexcept { return count.load(detail::acquire); } // release above

const char* name_of_kind(std::uint32_t number) noexcept {
    if (number == unnamed_kind) {
        return "(unnamed)";
    }
    // Relaxed: whoever has the number has acquired the count, or got it from who has.
    const char* const name = number < other_kinds ? names[number].load(detail::relaxed) : nullptr;
    return name != nullptr ? name : "(others)";
}

} // namespace twill::load_model

namespace twill::inline abi_1::detail {

std::uint32_t number_of_kind_slow(const char* name) noexcept {
    return load_model::number_of_kind(name);
}

const char* name_of_kind_slow(std::uint32_t number) noexcept {
    return load_model::name_of_kind(number);
}

} // namespace twill::inline abi_1::detail

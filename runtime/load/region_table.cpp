// SPDX-License-Identifier: Apache-2.0
#include "load/region_table.hpp"

#include "os/kept_errno.hpp"
#include "os/message.hpp"

#include <cstring>
#include <memory>
#include <mutex>
#include <new>

namespace twill::load_model {

namespace {

constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325u;
constexpr std::uint64_t fnv_prime = 0x100000001b3u;

std::uint64_t hash_of(const region_path* around, const char* name) noexcept {
    std::uint64_t hash = (fnv_offset ^ (around == nullptr ? 0 : around->number + 1)) * fnv_prime;
    for (; *name != '\0'; ++name) {
        hash = (hash ^ static_cast<unsigned char>(*name)) * fnv_prime;
    }
    return hash ^ hash >> 32;
}

/// `around`/`name`, or `name` alone; null without memory.
std::unique_ptr<char[]> join(const region_path* around, const char* name) noexcept {
    const std::size_t before = around == nullptr ? 0 : std::strlen(around->path) + 1;
    const std::size_t size = std::strlen(name) + 1;
    std::unique_ptr<char[]> path(new (std::nothrow) char[before + size]);
    if (path != nullptr) {
        if (around != nullptr) {
            std::memcpy(path.get(), around->path, before - 1);
            path[before - 1] = '/';
        }
        std::memcpy(path.get() + before, name, size);
    }
    return path;
}

} // namespace

// Linear probing: there are more slots than links. `slot` is where the link is or would go.
region_table::link* region_table::look_up(const region_path* around, const char* name,
                                          std::uint32_t& slot) const noexcept {
    slot = static_cast<std::uint32_t>(hash_of(around, name) % slots);
    for (;; slot = (slot + 1) % slots) {
        // acquire: pairs with the release in add()
        link* const one = links_[slot].load(detail::acquire);
        if (one == nullptr || (one->around == around && std::strcmp(one->name, name) == 0)) {
            return one;
        }
    }
}

region_path& region_table::find(const region_path* around, const char* name) noexcept {
    std::uint32_t slot = 0;
    if (const link* const known = look_up(around, name, slot); known != nullptr) {
        return *known->to;
    }
    const os::kept_errno kept;
    if (region_path* const made = add(around, name); made != nullptr) {
        return *made;
    }
    if (told_.exchange(1, detail::relaxed) == 0) {
        os::say("twill: no room for the region \"%s\" beside %u others: it and further ones count "
                "as \"(others)\"\n",
                name, count_.load(detail::relaxed));
    }
    return others_;
}

region_path* region_table::add(const region_path* around, const char* name) noexcept {
    const std::lock_guard locked(adding_);
    std::uint32_t slot = 0;
    if (const link* const known = look_up(around, name, slot); known != nullptr) {
        return known->to;
    }
    // Half of the slots stay free, so that a search is short, and ends.
    const std::uint32_t count = count_.load(detail::relaxed);
    std::unique_ptr<char[]> path = join(around, name);
    if (links_used_ == slots / 2 || path == nullptr) {
        return nullptr;
    }
    region_path* to = nullptr;
    for (std::uint32_t k = 0; k < count && to == nullptr; ++k) {
        region_path* const one = paths_[k].load(detail::relaxed);
        to = std::strcmp(one->path, path.get()) == 0 ? one : nullptr;
    }
    const bool fresh = to == nullptr;
    std::unique_ptr<region_path> made(fresh && count < most_paths ? new (std::nothrow) region_path
                                                                  : nullptr);
    if (fresh && made == nullptr) {
        return nullptr;
    }
    std::unique_ptr<char[]> own_name = join(nullptr, name);
    auto* const fresh_link = own_name == nullptr ? nullptr : new (std::nothrow) link;
    if (fresh_link == nullptr) {
        return nullptr;
    }
    if (fresh) {
        made->path = path.release();
        made->number = count;
        to = made.release();
        paths_[count].store(to, detail::relaxed);
        count_.store(count + 1, detail::release); // acquire in for_each()
    }
    *fresh_link = {around, own_name.release(), to};
    links_[slot].store(fresh_link, detail::release); // acquire in look_up()
    ++links_used_;
    return to;
}

void region_table::forget_in_child() noexcept {
    new (&adding_) guard;
    for_each([](region_path& one) { one.forget_open(); });
}

region_table& regions() noexcept {
    static constinit region_table all;
    return all;
}

constinit thread_local const region_path* current_region = nullptr;

} // namespace twill::load_model

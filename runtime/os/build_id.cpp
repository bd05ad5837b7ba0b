// SPDX-License-Identifier: Apache-2.0
#include "os/build_id.hpp"

#include "os/kept_errno.hpp"

#include <cstddef>
#include <cstring>
#include <link.h>
#include <span>

namespace twill::os {

namespace {

using bytes = std::span<const std::byte>;

constexpr char owner[] = "GNU"; // with its zero, as in the file

/// What the name and the content of a note take.
constexpr std::size_t padded(std::size_t size) noexcept { return (size + 3) / 4 * 4; }

/// The notes follow each other: a head, the owner's name, the content.
bytes build_id_among(bytes notes) noexcept {
    ElfW(Nhdr) head;
    while (notes.size() >= sizeof head) {
        std::memcpy(&head, notes.data(), sizeof head);
        notes = notes.subspan(sizeof head);
        const std::size_t name = padded(head.n_namesz);
        if (name > notes.size() || head.n_descsz > notes.size() - name) {
            break;
        }
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == sizeof owner &&
            std::memcmp(notes.data(), owner, sizeof owner) == 0) {
            return notes.subspan(name, head.n_descsz);
        }
        const std::size_t whole = name + padded(head.n_descsz);
        notes = notes.subspan(whole < notes.size() ? whole : notes.size());
    }
    return {};
}

/// The first object is the program. It stays where it is, and so do its notes.
int look_at_program(dl_phdr_info* object, std::size_t /*size*/, void* found) noexcept {
    for (std::size_t k = 0; k < object->dlpi_phnum; ++k) {
        const ElfW(Phdr)& part = object->dlpi_phdr[k];
        if (part.p_type == PT_NOTE) {
            const ElfW(Addr) at = object->dlpi_addr + part.p_vaddr;
            // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader tells addresses as numbers
            const bytes id = build_id_among({reinterpret_cast<const std::byte*>(at), part.p_memsz});
            if (!id.empty()) {
                *static_cast<bytes*>(found) = id;
                break;
            }
        }
    }
    return 1; // no further object
}

} // namespace

std::string program_build_id() {
    const kept_errno kept;
    bytes id;
    ::dl_iterate_phdr(look_at_program, &id);
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte one : id) {
        text += digits[std::to_integer<unsigned>(one) >> 4];
        text += digits[std::to_integer<unsigned>(one) & 15];
    }
    return text;
}

} // namespace twill::os

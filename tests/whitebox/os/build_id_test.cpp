// SPDX-License-Identifier: Apache-2.0
#include "os/build_id.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <link.h>
#include <string>

namespace {

/// The same from the program's file, by its table of sections, which no running program has.
std::string build_id_in_file() {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    ElfW(Ehdr) head{};
    std::memcpy(&head, all.data(), sizeof head);
    std::string text;
    for (unsigned k = 0; k < head.e_shnum; ++k) {
        ElfW(Shdr) section{};
        std::memcpy(&section, all.data() + head.e_shoff + k * sizeof section, sizeof section);
        ElfW(Nhdr) note{};
        if (section.sh_type != SHT_NOTE || section.sh_size < sizeof note) {
            continue;
        }
        std::memcpy(&note, all.data() + section.sh_offset, sizeof note);
        if (note.n_type != NT_GNU_BUILD_ID) {
            continue;
        }
        const char* const id = all.data() + section.sh_offset + sizeof note + 4; // behind "GNU"
        for (unsigned byte = 0; byte < note.n_descsz; ++byte) {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(id[byte]));
            text += digits;
        }
    }
    return text;
}

TEST(build_id, is_that_of_the_program) {
    errno = 5;
    const std::string told = twill::os::program_build_id();
    EXPECT_EQ(errno, 5);
    EXPECT_EQ(told, build_id_in_file());
    EXPECT_EQ(told, twill::os::program_build_id());
}

} // namespace

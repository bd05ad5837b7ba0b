// SPDX-License-Identifier: Apache-2.0
#include "os/energy.hpp"

#include "os/kept_errno.hpp"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace twill::os {

namespace {

/// More than a package draws for long.
constexpr double most_watts = 1000;

constexpr const char* no_interface = "the system shows no energy counters (/sys/class/powercap)";
constexpr const char* no_package = "the system shows energy counters, but none of a package";
constexpr const char* forbidden =
    "the system lets only privileged programs read the energy counters";
constexpr const char* unreadable = "an energy counter could not be read";
constexpr const char* too_many = "there are more packages than 64";

/// A small file's text without the end of its line. False, with errno, if it cannot be read.
bool first_line(const char* path, char (&text)[64]) noexcept {
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const ssize_t length = ::read(file, text, sizeof text - 1);
    const int error = errno;
    ::close(file);
    if (length < 0) {
        errno = error;
        return false;
    }
    text[length] = '\0';
    text[std::strcspn(text, "\n")] = '\0';
    return true;
}

template <class Number>
bool parse(const char* text, Number& value) noexcept {
    const char* const end = text + std::strlen(text);
    const auto [at, error] = std::from_chars(text, end, value);
    return error == std::errc{} && at == end;
}

/// The number of a package's folder. Its parts have a second number, and what the same package
/// shows a second time (intel-rapl-mmio) has another name.
bool zone_of(const char* name, std::uint32_t& zone) noexcept {
    constexpr char prefix[] = "intel-rapl:";
    return std::strncmp(name, prefix, sizeof prefix - 1) == 0 &&
           parse(name + sizeof prefix - 1, zone);
}

} // namespace

bool energy_meter::read_file(std::uint32_t zone, const char* file, std::uint64_t& value) noexcept {
    char path[256];
    char text[64];
    const int length = std::snprintf(path, sizeof path, "%s/intel-rapl:%u/%s", folder_, zone, file);
    if (length < 0 || static_cast<std::size_t>(length) >= sizeof path) {
        absent_ = unreadable;
        return false;
    }
    if (!first_line(path, text)) {
        absent_ = errno == EACCES || errno == EPERM ? forbidden : unreadable;
        return false;
    }
    if (!parse(text, value)) {
        absent_ = unreadable;
        return false;
    }
    return true;
}

// False if its counter cannot be read; what is no package is passed over.
bool energy_meter::add(std::uint32_t zone) noexcept {
    char path[256];
    char name[64];
    std::snprintf(path, sizeof path, "%s/intel-rapl:%u/name", folder_, zone);
    if (!first_line(path, name) || std::strncmp(name, "package", 7) != 0) {
        return true;
    }
    if (count_ == packages_max) {
        absent_ = too_many;
        return false;
    }
    package found{zone, 0, 0};
    if (!read_file(zone, "max_energy_range_uj", found.range) ||
        !read_file(zone, "energy_uj", found.last)) {
        return false;
    }
    packages_[count_++] = found;
    return true;
}

void energy_meter::open(const char* folder, std::int64_t now) noexcept {
    const kept_errno kept;
    folder_ = folder;
    count_ = 0;
    joules_ = 0;
    gaps_ = 0;
    read_at_ = now;
    absent_ = nullptr;
    const std::unique_ptr<DIR, int (*)(DIR*)> zones(::opendir(folder), &::closedir);
    if (zones == nullptr) {
        absent_ = errno == EACCES ? forbidden : no_interface;
        return;
    }
    while (const dirent* entry = ::readdir(zones.get())) { // NOLINT(concurrency-mt-unsafe): its own
        std::uint32_t zone = 0;
        if (zone_of(entry->d_name, zone) && !add(zone)) {
            count_ = 0; // a sum without one of them would be a guess
            return;
        }
    }
    if (count_ == 0) {
        absent_ = no_package;
    }
}

bool energy_meter::read(std::int64_t now) noexcept {
    const kept_errno kept;
    double used = 0;
    bool sure = true;
    const double seconds = static_cast<double>(now - read_at_) * 1e-9;
    std::uint64_t values[packages_max];
    for (std::size_t k = 0; k < count_; ++k) {
        const package& one = packages_[k];
        if (!read_file(one.zone, "energy_uj", values[k])) {
            return false;
        }
        const std::uint64_t more =
            values[k] >= one.last ? values[k] - one.last : values[k] + one.range - one.last;
        used += static_cast<double>(more) * 1e-6;
        sure = sure && seconds * most_watts < static_cast<double>(one.range) * 1e-6;
    }
    for (std::size_t k = 0; k < count_; ++k) {
        packages_[k].last = values[k];
    }
    absent_ = nullptr;
    read_at_ = now;
    if (sure) {
        joules_ += used;
    } else {
        ++gaps_;
    }
    return true;
}

} // namespace twill::os

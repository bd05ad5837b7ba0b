// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The payloads of chunks that are not events. One function for each record names its fields in
/// their order; an encoder and a decoder walk it, so what is written is what is read. The functions
/// take any type with these members: the runtime's records and those of tools/twill/profile.
///
/// Integers are LEB128: seven bits a byte, the low ones first, the high bit set in all but the
/// last. Signed ones are folded first, 0 -1 1 -2 2 to 0 1 2 3 4. A real number is the 8 bytes of
/// its IEEE 754 form. A text or a list is its length and what is in it; what may be absent is one
/// byte, 0 or 1, and then the value.

#include "trace/format.hpp"

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twill::trace {

// More than these is an error of the file, so that a broken one costs no more memory than a whole
// one of its size.
constexpr std::size_t longest_text = 1 << 16;
constexpr std::size_t most_workers = 1 << thread_bits;
constexpr std::size_t most_counts = 1 << 10;
constexpr std::size_t most_buckets = 1 << 12;
constexpr std::size_t most_names = 1 << 20;

/// Appends records to bytes. Throws std::bad_alloc.
class encoder {
public:
    explicit encoder(std::vector<std::byte>& to) noexcept : to_(to) {}

    void number(std::unsigned_integral auto value) {
        std::uint64_t left = value;
        while (left >= 0x80) {
            to_.push_back(static_cast<std::byte>(left | 0x80));
            left >>= 7;
        }
        to_.push_back(static_cast<std::byte>(left));
    }
    void number(std::signed_integral auto value) {
        const std::int64_t whole = value;
        number((static_cast<std::uint64_t>(whole) << 1) ^ static_cast<std::uint64_t>(whole >> 63));
    }
    void real(double value) {
        std::byte bytes[8];
        put_little_endian(bytes, std::bit_cast<std::uint64_t>(value));
        to_.insert(to_.end(), bytes, bytes + sizeof bytes);
    }
    /// Cut to longest_text.
    void text(const std::string& value) {
        const std::size_t size = value.size() < longest_text ? value.size() : longest_text;
        number(size);
        const auto* const bytes = reinterpret_cast<const std::byte*>(value.data());
        to_.insert(to_.end(), bytes, bytes + size);
    }
    template <class Value, class Field>
    void maybe(const std::optional<Value>& value, Field&& field) {
        to_.push_back(static_cast<std::byte>(value.has_value()));
        if (value) {
            field(*this, *value);
        }
    }
    /// Fields that were appended to a payload in a later version.
    template <class Field>
    void appended(Field&& field) {
        field(*this);
    }
    /// What is beyond `most` is left out.
    template <class Element, class Field>
    void list(const std::vector<Element>& value, std::size_t most, Field&& field) {
        const std::size_t size = value.size() < most ? value.size() : most;
        number(size);
        for (std::size_t k = 0; k < size; ++k) {
            field(*this, value[k]);
        }
    }

private:
    std::vector<std::byte>& to_;
};

/// Takes records out of bytes, which may be anything. After the first error ok() is false, and
/// nothing more is read. Throws std::bad_alloc, for no more than some 100 bytes for each byte read.
class decoder {
public:
    explicit decoder(std::span<const std::byte> from) noexcept : from_(from) {}

    [[nodiscard]] bool ok() const noexcept { return ok_; }
    /// Bytes that have been read.
    [[nodiscard]] std::size_t position() const noexcept { return at_; }

    template <std::unsigned_integral Number>
    void number(Number& value) noexcept {
        const std::uint64_t read = unsigned_number();
        if (read > std::numeric_limits<Number>::max()) {
            ok_ = false;
        }
        value = ok_ ? static_cast<Number>(read) : Number{};
    }
    template <std::signed_integral Number>
    void number(Number& value) noexcept {
        const std::uint64_t folded = unsigned_number();
        const auto read = static_cast<std::int64_t>((folded >> 1) ^ (~(folded & 1) + 1));
        if (read < std::numeric_limits<Number>::min() ||
            read > std::numeric_limits<Number>::max()) {
            ok_ = false;
        }
        value = ok_ ? static_cast<Number>(read) : Number{};
    }
    void real(double& value) noexcept {
        value = 0;
        if (need(8)) {
            value = std::bit_cast<double>(little_endian<std::uint64_t>(from_.data() + at_));
            at_ += 8;
        }
    }
    void text(std::string& value) {
        std::size_t size = 0;
        number(size);
        value.clear();
        if (size <= longest_text && need(size)) {
            value.assign(reinterpret_cast<const char*>(from_.data() + at_), size);
            at_ += size;
        } else {
            ok_ = false;
        }
    }
    template <class Value, class Field>
    void maybe(std::optional<Value>& value, Field&& field) {
        value.reset();
        const std::uint64_t has = unsigned_number();
        if (has > 1) {
            ok_ = false;
        } else if (ok_ && has == 1) {
            field(*this, value.emplace());
        }
    }
    /// Nothing where the payload ends, that of an earlier version.
    template <class Field>
    void appended(Field&& field) {
        if (ok_ && at_ < from_.size()) {
            field(*this);
        }
    }
    template <class Element, class Field>
    void list(std::vector<Element>& value, std::size_t most, Field&& field) {
        std::size_t size = 0;
        number(size);
        value.clear();
        // Each element takes a byte at least.
        if (size > most || !need(size)) {
            ok_ = false;
        }
        for (std::size_t k = 0; ok_ && k < size; ++k) {
            field(*this, value.emplace_back());
        }
    }

private:
    bool need(std::size_t bytes) noexcept {
        ok_ = ok_ && bytes <= from_.size() - at_;
        return ok_;
    }
    std::uint64_t unsigned_number() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; need(1); shift += 7) {
            const auto byte = static_cast<std::uint64_t>(from_[at_++]);
            if (shift == 63 && byte > 1) {
                ok_ = false; // beyond 64 bits
                break;
            }
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        return 0;
    }

    std::span<const std::byte> from_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

// What is a list of one field each.
constexpr auto number_field = [](auto& archive, auto& value) { archive.number(value); };
constexpr auto text_field = [](auto& archive, auto& value) { archive.text(value); };

template <class Archive, class Reading>
void clock_fields(Archive& archive, Reading& reading) {
    archive.number(reading.ticks);
    archive.number(reading.monotonic);
}

template <class Archive, class Header>
void header_fields(Archive& archive, Header& header) {
    archive.text(header.program);
    archive.text(header.build);
    archive.text(header.host);
    archive.number(header.pid);
    archive.number(header.started);
    archive.real(header.ticks_per_nanosecond);
    clock_fields(archive, header.clock);
    archive.number(header.cores);
    archive.maybe(header.quota, [](auto& in, auto& value) { in.real(value); });
    archive.text(header.mode);
    archive.number(header.steal_takes);
    archive.number(header.wake_takes);
    archive.real(header.task_takes);
    archive.list(header.counts, most_counts, text_field);
    archive.appended([&header](auto& in) { in.real(header.clock_ahead); });
}

template <class Archive, class Worker>
void worker_fields(Archive& archive, Worker& worker) {
    archive.number(worker.open);
    archive.number(worker.useful);
    archive.number(worker.dispatch);
    archive.number(worker.search);
    archive.number(worker.parked);
    archive.maybe(worker.preempted, number_field);
    archive.number(worker.over);
    archive.list(worker.counts, most_counts, number_field);
}

template <class Archive, class Accounts>
void accounts_fields(Archive& archive, Accounts& accounts) {
    archive.number(accounts.wall);
    archive.number(accounts.in_verbs);
    archive.maybe(accounts.cpu, number_field);
    archive.number(accounts.awake_limit);
    archive.list(accounts.workers, most_workers,
                 [](auto& in, auto& worker) { worker_fields(in, worker); });
    archive.appended([&accounts](auto& in) { in.number(accounts.off_places); });
}

template <class Archive, class Threads>
void threads_fields(Archive& archive, Threads& threads) {
    archive.list(threads, most_workers, [](auto& in, auto& one) {
        in.number(one.number);
        in.number(one.from_outside);
        in.number(one.system_id);
        in.number(one.blocked);
        in.number(one.blocks);
    });
}

template <class Archive, class Histogram>
void histogram_fields(Archive& archive, Histogram& histogram) {
    archive.list(histogram.upper, most_buckets, number_field);
    archive.list(histogram.count, most_buckets, number_field);
}

template <class Archive, class Kind>
void kind_fields(Archive& archive, Kind& kind) {
    archive.text(kind.name);
    archive.list(kind.workers, most_workers, [](auto& in, auto& on) {
        in.number(on.count);
        in.number(on.total);
    });
    archive.number(kind.errors);
    archive.number(kind.longest);
    histogram_fields(archive, kind.sampled);
    archive.number(kind.asleep);
}

template <class Archive, class Kinds>
void kinds_fields(Archive& archive, Kinds& kinds) {
    archive.list(kinds, most_names, [](auto& in, auto& kind) { kind_fields(in, kind); });
}

template <class Archive, class Regions>
void regions_fields(Archive& archive, Regions& regions) {
    archive.list(regions, most_names, [](auto& in, auto& region) {
        in.text(region.name);
        in.number(region.count);
        in.number(region.wall);
        in.number(region.in_verbs);
        worker_fields(in, region.all);
    });
    archive.appended([&regions](auto& in) {
        for (std::size_t k = 0; k < regions.size() && k < most_names; ++k) {
            in.number(regions[k].late);
            in.number(regions[k].late_sum);
        }
    });
}

template <class Archive, class Runtimes>
void runtimes_fields(Archive& archive, Runtimes& runtimes) {
    archive.list(runtimes, most_names, [](auto& in, auto& one) {
        in.number(one.number);
        in.text(one.name);
        accounts_fields(in, one.total);
        kinds_fields(in, one.kinds);
    });
}

template <class Archive, class Names>
void names_fields(Archive& archive, Names& names) {
    const auto one = [](auto& in, auto& name) {
        in.number(name.number);
        in.text(name.name);
    };
    archive.list(names.kinds, most_names, one);
    archive.list(names.regions, most_names, one);
}

template <class Archive, class Responses>
void responses_fields(Archive& archive, Responses& by_priority) {
    archive.list(by_priority, most_names, [](auto& in, auto& one) {
        in.number(one.count);
        in.number(one.longest);
        in.number(one.late);
        histogram_fields(in, one.sampled);
    });
    archive.appended([&by_priority](auto& in) {
        for (std::size_t k = 0; k < by_priority.size() && k < most_names; ++k) {
            in.maybe(by_priority[k].sum, number_field);
            in.maybe(by_priority[k].late_sum, number_field);
            in.maybe(by_priority[k].errors, number_field);
        }
    });
}

template <class Archive, class Hardware>
void hardware_fields(Archive& archive, Hardware& hardware) {
    archive.list(hardware.workers, most_workers, [](auto& in, auto& one) {
        in.maybe(one.cycles, number_field);
        in.maybe(one.instructions, number_field);
        in.maybe(one.cache_misses, number_field);
    });
    archive.text(hardware.counters_absent);
    archive.text(hardware.joules_absent);
}

template <class Archive, class Machine>
void machine_fields(Archive& archive, Machine& machine) {
    archive.text(machine.build_id);
    archive.text(machine.no_build_id);
    archive.list(machine.workers, most_workers, [](auto& in, auto& one) {
        in.number(one.pu);
        in.number(one.core);
        in.number(one.l3);
        in.number(one.node);
    });
    archive.text(machine.no_places);
}

template <class Archive, class End>
void end_fields(Archive& archive, End& end) {
    clock_fields(archive, end.clock);
    archive.number(end.chunks);
    archive.number(end.events);
    archive.number(end.dropped);
}

} // namespace twill::trace

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "load/root_origin.hpp"
#include "sched/core_speeds.hpp"
#include "sched/planted.hpp"
#include "sched/submission.hpp"
#include "topology/node_map.hpp"
#include "twill/detail/atomic.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace twill::sched {

struct placed_run;
struct thread_record;

/// An invitation to work for a placed loop; it lies in the frame of the thread that launched it.
struct post {
    placed_run* run;
    std::uint32_t place; ///< in whose mailbox it is put
    std::uint32_t launcher;
    load_model::root_origin from;
};

/// The post of a place, which is put into its mailbox once in a loop: by the launcher, or later by
/// a thief.
struct invitation {
    enum state : std::uint32_t { none, made, no_more };
    post content;
    /// Who changes it from none owns the content; no_more once the loop ends.
    detail::atomic<std::uint32_t> state{none};
};

/// One slot for each place, and a bit for each slot that may be full. Who takes a post out may
/// touch the loop until it has counted itself out; who has put one in takes it out itself before
/// the loop ends, or finds that somebody has. README.md of this folder, number 18.
class mailboxes {
public:
    /// `nodes` lives as long. Throws std::bad_alloc.
    explicit mailboxes(const topology::node_map& nodes)
        : words_((static_cast<std::uint32_t>(nodes.places()) + 63) / 64),
          slots_(std::make_unique<slot[]>(static_cast<std::size_t>(nodes.places()))),
          full_(std::make_unique<detail::atomic<std::uint64_t>[]>(words_)), nodes_(nodes) {
        for (const topology::node_map::share& one : nodes.shares()) {
            std::vector<std::uint64_t> mask(words_);
            for (const int place : one.places) {
                mask[static_cast<std::size_t>(place) / 64] |=
                    bit(static_cast<std::uint32_t>(place));
            }
            masks_.push_back(std::move(mask));
        }
    }

    /// False: the mailbox of that place is full. Afterwards the caller looks at the places.
    [[nodiscard]] bool put(post& one) noexcept {
        detail::atomic<post*>& at = slots_[one.place].content;
        post* none = nullptr;
        // release: pairs with the acquire in take(), for the post and the loop
        if (at.load(detail::relaxed) != nullptr ||
            !at.compare_exchange_strong(none, &one, detail::seq_cst, detail::relaxed)) {
            return false;
        }
        // seq_cst: before the look at the places; others change those and then look here
        full_[one.place / 64].fetch_or(bit(one.place), detail::seq_cst);
        return true;
    }

    /// What is in the mailbox of a place, or null. By a searcher: it goes on to settle, so that a
    /// post which comes while the bit is being cleared is seen by somebody.
    [[nodiscard]] post* take(std::uint32_t place) noexcept {
        detail::atomic<post*>& at = slots_[place].content;
        post* seen = at.load(detail::relaxed);
        if (seen != nullptr && planted(fault::post_without_claim)) {
            return seen;
        }
        // acquire: pairs with the release in put()
        while (seen != nullptr &&
               !at.compare_exchange_weak(seen, nullptr, detail::acquire, detail::relaxed)) {
        }
        clean(place);
        return seen;
    }

    /// Some full mailbox: on the node of `near` first, each time beginning with another one.
    [[nodiscard]] post* take_any(std::uint32_t near, std::uint64_t start) noexcept {
        const std::vector<std::uint64_t>& own = masks_[nodes_.share_of(static_cast<int>(near))];
        if (post* const one = take_among(start, [&own](std::uint32_t k) { return own[k]; });
            one != nullptr) {
            return one;
        }
        return take_among(start, [](std::uint32_t /*k*/) { return ~std::uint64_t{0}; });
    }

    /// The post goes back to who has put it in. False: somebody has taken it.
    [[nodiscard]] bool take_back(post& one) noexcept {
        return take_back(static_cast<int>(one.place), one);
    }
    /// The same where another thread may be writing it.
    [[nodiscard]] bool take_back(int place, post& one) noexcept {
        post* seen = &one;
        // seq_cst: at the end of a loop, after the state of the invitation, against put() and then
        // a look at that. The bit is left to searchers: this thread does not settle.
        return slots_[static_cast<std::size_t>(place)].content.compare_exchange_strong(
            seen, nullptr, detail::seq_cst, detail::seq_cst);
    }

    /// A place whose mailbox is full, on the node of the place `near` first, if that is one; -1 if
    /// there is none. seq_cst: who frees a place and then looks here, against put().
    [[nodiscard]] std::int32_t full_near(std::int32_t near) const noexcept {
        std::int32_t found = -1;
        if (near >= 0) {
            const std::vector<std::uint64_t>& own = masks_[nodes_.share_of(near)];
            found = full_among([&own](std::uint32_t k) { return own[k]; });
        }
        return found >= 0 ? found
                          : full_among([](std::uint32_t /*k*/) { return ~std::uint64_t{0}; });
    }
    [[nodiscard]] bool any() const noexcept { return full_near(-1) >= 0; }

private:
    struct alignas(64) slot {
        detail::atomic<post*> content{nullptr};
    };

    static constexpr std::uint64_t bit(std::uint32_t place) noexcept {
        return std::uint64_t{1} << (place % 64);
    }

    /// As thread_table::clean_public(): the look after the clear sees what was put in before it,
    /// and who puts in after it sets the bit.
    void clean(std::uint32_t place) noexcept {
        detail::atomic<std::uint64_t>& word = full_[place / 64];
        if ((word.load(detail::relaxed) & bit(place)) == 0) {
            return;
        }
        word.fetch_and(~bit(place), detail::seq_cst);
        if (!planted(fault::blind_mailbox) &&
            slots_[place].content.load(detail::seq_cst) != nullptr) {
            word.fetch_or(bit(place), detail::seq_cst);
        }
    }

    template <class Mask>
    [[nodiscard]] std::int32_t full_among(Mask mask) const noexcept {
        for (std::uint32_t k = 0; k < words_; ++k) {
            for (std::uint64_t set = full_[k].load(detail::seq_cst) & mask(k); set != 0;
                 set &= set - 1) {
                const std::uint32_t place =
                    k * 64 + static_cast<std::uint32_t>(std::countr_zero(set));
                if (slots_[place].content.load(detail::seq_cst) != nullptr) {
                    return static_cast<std::int32_t>(place);
                }
            }
        }
        return -1;
    }

    template <class Mask>
    [[nodiscard]] post* take_among(std::uint64_t start, Mask mask) noexcept {
        for (std::uint32_t k = 0; k < words_; ++k) {
            const auto word = static_cast<std::uint32_t>((start / 64 + k) % words_);
            const std::uint64_t full = full_[word].load(detail::seq_cst) & mask(word);
            const auto turned = static_cast<int>(start % 64);
            for (std::uint64_t set = std::rotr(full, turned); set != 0; set &= set - 1) {
                const auto low = static_cast<std::uint32_t>(std::countr_zero(set) + turned) % 64;
                if (post* const one = take(word * 64 + low); one != nullptr) {
                    return one;
                }
            }
        }
        return nullptr;
    }

    std::uint32_t words_;
    std::unique_ptr<slot[]> slots_;
    std::unique_ptr<detail::atomic<std::uint64_t>[]> full_;
    const topology::node_map& nodes_;
    std::vector<std::vector<std::uint64_t>> masks_; ///< by share, the places on it
};

/// What a runtime knows of its places once the machine is known, on a machine of several nodes, or
/// of one whose cores are of several kinds.
struct known_places {
    explicit known_places(topology::node_map of)
        : nodes(std::move(of)), mail(nodes),
          shelves(std::make_unique<node_shelf[]>(nodes.shares().size())),
          homes(std::make_unique<detail::atomic<thread_record*>[]>(nodes.shares().size())) {}

    topology::node_map nodes;
    mailboxes mail;
    core_speeds speeds; ///< where the nodes are mixed
    // What is meant for a node, by the number of its share: submissions, and where the tasks of
    // groups are found; null: there were none yet. See hinted.hpp.
    std::unique_ptr<node_shelf[]> shelves;
    std::unique_ptr<detail::atomic<thread_record*>[]> homes;
};

/// The same for a runtime: nothing until somebody tells it, nor where it does not matter.
class known_machine {
public:
    /// `nodes` has a place for each of `workers`, or nothing happens, as on a machine with one
    /// node and one kind of cores. The first call counts. From any thread; throws std::bad_alloc.
    void set(topology::node_map nodes, int workers) {
        auto made = std::make_unique<known_places>(std::move(nodes));
        known_places* none = nullptr;
        if (made->nodes.matters() && made->nodes.places() == workers &&
            // release: pairs with the acquire in get()
            now_.compare_exchange_strong(none, made.get(), detail::release, detail::relaxed)) {
            owned_ = std::move(made);
        }
    }

    [[nodiscard]] known_places* get() const noexcept {
        // acquire: pairs with the release in set()
        return now_.load(detail::acquire);
    }
    /// Null until it is known.
    [[nodiscard]] const topology::node_map* nodes() const noexcept {
        const known_places* const now = get();
        return now != nullptr ? &now->nodes : nullptr;
    }
    /// The node of a place, by the kernel's number; -1 where it is not known or does not matter.
    [[nodiscard]] int node_of(int place) const noexcept {
        const known_places* const now = get();
        return now != nullptr && place >= 0 ? now->nodes.node_of(place) : -1;
    }
    /// As mailboxes::full_near().
    [[nodiscard]] std::int32_t post_near(std::int32_t place) const noexcept {
        const known_places* const now = get();
        return now != nullptr ? now->mail.full_near(place) : -1;
    }
    [[nodiscard]] bool has_post() const noexcept { return post_near(-1) >= 0; }

    /// Where each worker is, on any machine. The first call counts. From any thread; throws
    /// std::bad_alloc.
    void set_rows(const std::vector<topology::table_row>& rows) {
        auto made = std::make_unique<std::vector<topology::table_row>>(rows);
        const std::vector<topology::table_row>* none = nullptr;
        // release: pairs with the acquire in rows()
        if (rows_.compare_exchange_strong(none, made.get(), detail::release, detail::relaxed)) {
            owned_rows_ = std::move(made);
        }
    }
    /// By number; null until it is known.
    [[nodiscard]] const std::vector<topology::table_row>* rows() const noexcept {
        // acquire: pairs with the release in set_rows()
        return rows_.load(detail::acquire);
    }

private:
    std::unique_ptr<known_places> owned_;
    detail::atomic<known_places*> now_{nullptr};
    std::unique_ptr<std::vector<topology::table_row>> owned_rows_;
    detail::atomic<const std::vector<topology::table_row>*> rows_{nullptr};
};

} // namespace twill::sched

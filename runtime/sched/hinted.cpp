// SPDX-License-Identifier: Apache-2.0
#include "sched/hinted.hpp"

#include "os/kept_errno.hpp"
#include "os/numa_memory.hpp"
#include "sched/scheduler.hpp"

#include <algorithm>
#include <span>

namespace twill::sched {

using load_model::counter;

namespace {

// Of what is known of elements, that of the first: what is no loop has no others.
int node_of(const detail::place_hint& hint) noexcept {
    if (hint.pointer != nullptr) {
        return os::node_of_address(hint.pointer);
    }
    if (hint.range.of == nullptr) {
        return hint.node;
    }
    const std::span stretches(hint.range.of->stretches, hint.range.of->count);
    const auto found =
        std::ranges::upper_bound(stretches, hint.range.first, {}, &detail::stretch::end);
    return found != stretches.end() ? found->node : -1;
}

} // namespace

hinting::hinting(scheduler& of) noexcept : of_(of), known_(of.known_nodes.get()) {}

std::int32_t hinting::share_for(const detail::place_hint& hint) const noexcept {
    if (known_ == nullptr || !known_->nodes.divided()) {
        return -1;
    }
    const topology::node_map& nodes = known_->nodes;
    const topology::node_map::share* const found = nodes.find(node_of(hint));
    return found != nullptr ? static_cast<std::int32_t>(found - nodes.shares().data()) : -1;
}

std::int32_t hinting::own_share() const noexcept {
    const int place = of_.seats_.own_place();
    return known_ != nullptr && known_->nodes.divided() && place >= 0
               ? static_cast<std::int32_t>(known_->nodes.share_of(place))
               : -1;
}

thread_record* hinting::home_of(std::int32_t share) const noexcept {
    detail::atomic<thread_record*>& home = known_->homes[static_cast<std::size_t>(share)];
    // acquire, both: pair with the release of whoever made it
    thread_record* one = home.load(detail::acquire);
    if (one == nullptr) {
        thread_record* const fresh = of_.table_.add(of_, true);
        if (fresh != nullptr &&
            home.compare_exchange_strong(one, fresh, detail::acq_rel, detail::acquire)) {
            return fresh;
        }
    }
    return one;
}

void hinting::wake(load_model::thread_account& counts, std::int32_t share) const noexcept {
    if (of_.places_.read().idle()) {
        const auto& places = known_->nodes.shares()[static_cast<std::size_t>(share)].places;
        of_.wake_one(counts, places[detail::ticks() % places.size()]);
    }
}

void hinting::announce(thread_record& self, group& g, bag& into, bag::put_result put,
                       std::int32_t share) const noexcept {
    const os::kept_errno kept;
    // seq_cst: as scheduler::announce()
    if (into.listed.load(detail::seq_cst) != bag::is_listed) {
        of_.list(into);
    }
    if (put != bag::put_result::alone || !of_.wake_sleeper(self.account, g)) {
        wake(self.account, share);
    }
}

bool hinting::run_task(thread_record& self, std::int32_t share) const noexcept {
    // acquire: as home_of()
    thread_record* const home =
        known_->homes[static_cast<std::size_t>(share)].load(detail::acquire);
    return home != nullptr && of_.take_group(self, *home, all_levels);
}

void hinting::count(thread_record& self, std::int32_t share) noexcept {
    self.account.add(hinting(self.owner).own_share() == share ? counter::placed
                                                              : counter::displaced);
}

} // namespace twill::sched

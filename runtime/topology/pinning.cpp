// SPDX-License-Identifier: Apache-2.0
#include "topology/pinning.hpp"

#include "os/environment.hpp"
#include "os/kept_errno.hpp"
#include "os/message.hpp"
#include "topology/cpuset.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <new>
#include <set>
#include <utility>

namespace twill::topology {
namespace {

/// The domain of a thread that is kept to none.
constexpr int nowhere = -1;

/// Nobody is kept any more; and that is so because somebody has set a mask, for all that is known.
constexpr std::uint32_t off = 1;
constexpr std::uint32_t off_for_somebody = 2;

/// What a processor is kept to: its core, or its L3 and node. Where there is no such thing, the
/// next larger one.
std::pair<int, int> domain_key(const table_row& row, bool by_core) {
    if (by_core) {
        return row.core == none ? std::pair(none, row.pu) : std::pair(row.core, 0);
    }
    return {row.l3, row.node};
}

/// Several places may be on one processor.
void sort_once(std::vector<int>& cpus) {
    std::ranges::sort(cpus);
    const auto again = std::ranges::unique(cpus);
    cpus.erase(again.begin(), again.end());
}

/// What `cpus` and `cpuset` have in common; all, if that is nothing or the cpuset is not known.
std::vector<int> within(std::vector<int> cpus, std::span<const int> cpuset) {
    std::vector<int> both;
    std::ranges::set_intersection(cpus, cpuset, std::back_inserter(both));
    return both.empty() ? std::move(cpus) : both;
}

} // namespace

pin_rule pin_rule_from_environment() noexcept {
    static constexpr const char* values[] = {"auto", "none", "group", "core"};
    return static_cast<pin_rule>(os::choice("TWILL_PIN", values, "auto, none, group or core", 0));
}

pinning::pinning(std::span<const table_row> places, std::span<const table_row> usable, bool by_core,
                 bool recorded)
    : recorded_(recorded) {
    std::map<std::pair<int, int>, int> numbers;
    const auto number_of = [&](const table_row& row) {
        return numbers.try_emplace(domain_key(row, by_core), static_cast<int>(numbers.size()))
            .first->second;
    };
    for (const table_row& row : places) {
        domain_of_.push_back(number_of(row));
    }
    domains_.resize(numbers.size());
    for (const table_row& row : usable) {
        usable_.push_back(row.pu);
        if (const int domain = number_of(row); domain < static_cast<int>(domains_.size())) {
            domains_[static_cast<std::size_t>(domain)].push_back(row.pu);
        }
    }
    sort_once(usable_);
    for (std::vector<int>& one : domains_) {
        sort_once(one);
    }
}

// A mask that is not as it was left is somebody else's will, and stays; so does everybody's, since
// nobody changes the mask of one thread of many and means that one. So is a first mask that leaves
// out a part of the domain: a thread that begins after the change has it from its creator.
void pinning::follow(std::uint32_t thread, int place, detail::atomic<std::int32_t>& pinned,
                     narrowed_mask& mask, const char* name) noexcept {
    const int before = pinned.load(detail::relaxed);
    const int domain = released_.load(detail::relaxed) != 0 ? nowhere : domain_of(place);
    if (domain == before || !in_force()) {
        return;
    }
    if (recorded_) {
        const std::lock_guard lock(noting_);
        try {
            noted_.push_back({thread, place, cpus_of(domain)});
        } catch (const std::bad_alloc&) {
            return; // the next place of another domain is noted down
        }
        pinned.store(domain, detail::relaxed);
        return;
    }
    if (before != nowhere ? !affinity_is(0, cpus_of(before))
                          : !affinity_includes(0, cpus_of(domain))) {
        off_.fetch_or(affinity_is(0, usable_) ? off | off_for_somebody : off, detail::relaxed);
        return;
    }
    const narrowed_mask::changes both(mask); // for who looks from outside
    if (const int error = domain != nowhere ? keep_to(cpus_of(domain)) : let_go(); error != 0) {
        if (off_.fetch_or(off, detail::relaxed) == 0) {
            os::say("%s: threads are not kept to their cores (%s); they run anywhere\n", name,
                    os::reason(error).text);
        }
        return;
    }
    pinned.store(domain, detail::relaxed);
}

// A cpuset that leaves a thread none of its CPUs gives it all of its own. Such a thread is kept no
// more, but nobody has set its mask. The cpuset is read after the mask: the kernel changes it
// first.
void pinning::note_other_mask(const std::vector<int>& now, const char* machine_root) noexcept {
    const bool moved = now == cpuset_cpus(machine_root) && now != usable_;
    off_.fetch_or(moved ? off : off | off_for_somebody, detail::relaxed);
}

// As long as nobody has set a mask, those that were set here tell nothing, in force or not: a
// cpuset that grows again leaves them as they are.
int pinning::cpus_left(std::span<const pinned_thread> threads, const char* machine_root,
                       std::vector<int>& which) noexcept {
    if (recorded_ || (off_.load(detail::relaxed) & off_for_somebody) != 0) {
        return 0;
    }
    try {
        std::set<int> seen;
        bool any = false;
        bool changed = false;
        for (const pinned_thread& one : threads) {
            if (one.domain < 0) {
                continue;
            }
            const std::vector<int> now = affinity_of(one.thread);
            if (one.version % 2 != 0 || one.mask->version() != one.version) {
                return -1;
            }
            if (now.empty()) {
                continue; // gone
            }
            const std::vector<int>& ours = cpus_of(one.domain);
            if (in_force() ? !std::ranges::includes(ours, now) : now != ours) {
                note_other_mask(now, machine_root);
                return 0;
            }
            changed |= now.size() != ours.size();
            seen.insert(now.begin(), now.end());
            any = true;
        }
        if (!any) {
            return 0;
        }
        const std::vector<int> left =
            within(changed ? std::vector<int>(seen.begin(), seen.end()) : usable_,
                   cpuset_cpus(machine_root));
        if (left.size() != usable_.size()) {
            which = left;
        }
        return static_cast<int>(left.size());
    } catch (const std::bad_alloc&) {
        return 0;
    }
}

std::vector<pinning::bind> pinning::binds() const {
    const std::lock_guard lock(noting_);
    return noted_;
}

} // namespace twill::topology

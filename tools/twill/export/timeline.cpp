// SPDX-License-Identifier: Apache-2.0
#include "export/timeline.hpp"

#include "profile/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace twill::tool {

namespace {

using trace::event_type;

constexpr name_index unknown = ~name_index{0};
/// Payloads below this have their names at hand.
constexpr std::size_t most_cached = 4096;

constexpr const char* activities[] = {"parked", "search", "dispatch", "useful"};
constexpr const char* roots[] = {"stolen", "leapfrog", "guest", "submission", "group"};

template <std::size_t Count>
std::string one_of(const char* const (&texts)[Count], std::uint64_t number) {
    return number < Count ? texts[number] : fmt::format("{}", number);
}

/// The name of a number, as far as the file has it.
std::string text_in(const std::map<std::uint32_t, std::string>& names, const char* what,
                    std::uint64_t payload) {
    const auto found = names.find(static_cast<std::uint32_t>(payload));
    return found != names.end() ? found->second : fmt::format("{} {}", what, payload);
}

std::string text_of(const profile::profile& of, category what, std::uint64_t payload) {
    switch (what) {
    case category::kind:
        return text_in(of.kind_names, "kind", payload);
    case category::region: {
        // Around it are its parents already: the last part of the path is enough.
        const std::string path = text_in(of.region_paths, "region", payload);
        return path.substr(path.rfind('/') + 1);
    }
    case category::root:
    case category::verb:
        return one_of(roots, payload);
    case category::activity:
        return one_of(activities, payload);
    default:
        return category_names[static_cast<std::size_t>(what)];
    }
}

} // namespace

timeline::timeline(const profile::profile& of, timeline_sink& to) : of_(of), to_(to) {}

name_index timeline::name(std::string text) {
    const auto [at, fresh] =
        index_.try_emplace(std::move(text), static_cast<name_index>(names_.size()));
    if (fresh) {
        names_.push_back(at->first);
    }
    return at->second;
}

name_index timeline::name_of_payload(category of, std::uint64_t payload) {
    if (payload >= most_cached) {
        return name(text_of(of_, of, payload));
    }
    std::vector<name_index>& known = cached_[static_cast<std::size_t>(of)];
    if (payload >= known.size()) {
        known.resize(payload + 1, unknown);
    }
    if (known[payload] == unknown) {
        known[payload] = name(text_of(of_, of, payload));
    }
    return known[payload];
}

void timeline::begin(const recorded_event& one, thread_state& state, name_index name, category of) {
    state.stack.push_back({one.type, one.payload, false});
    to_.begin(track_of(one), lane::tasks, one.time, name, of);
}

// What is taken out of a region is inside of it, on whatever thread: a slice for each part of the
// path. What a thread from outside enters for is taken from nobody, and is in the regions around
// it, which are on its track in the default runtime: there they are slices already.
void timeline::begin_root(const recorded_event& one, thread_state& state) {
    const bool outside = one.has_second && trace::root_from(one.second).thread == one.thread;
    begin(one, state, name_of_payload(category::root, one.payload),
          outside ? category::verb : category::root);
    const std::uint32_t region = one.has_second ? trace::region_from(one.second) : 0;
    if (region == 0 || (outside && one.runtime == 0)) {
        return;
    }
    const std::string path = text_in(of_.region_paths, "region", region - 1);
    for (std::size_t from = 0; from <= path.size();) {
        const std::size_t until = std::min(path.find('/', from), path.size());
        to_.begin(track_of(one), lane::tasks, one.time, name(path.substr(from, until - from)),
                  category::region);
        state.stack.push_back({event_type::none, 0, true});
        from = until + 1;
    }
}

void timeline::end(const recorded_event& one, thread_state& state, event_type begun_by) {
    const bool by_payload =
        begun_by == event_type::kind_begin || begun_by == event_type::region_begin;
    const auto match =
        std::find_if(state.stack.rbegin(), state.stack.rend(), [&](const auto& open) {
            return open.begun_by == begun_by && (!by_payload || open.payload == one.payload);
        });
    if (match == state.stack.rend()) {
        ++unmatched_;
        return;
    }
    const auto count = static_cast<std::size_t>(std::distance(state.stack.rbegin(), match)) + 1;
    unmatched_ += static_cast<std::uint64_t>(std::count_if(
        state.stack.rbegin(), match, [](const open_slice& open) { return !open.taken_over; }));
    for (std::size_t k = 0; k < count; ++k) {
        to_.end(track_of(one), lane::tasks, one.time);
    }
    state.stack.resize(state.stack.size() - count);
}

void timeline::change_activity(const recorded_event& one, thread_state& state) {
    if (state.active) {
        to_.end(track_of(one), lane::activity, one.time);
    }
    state.active = one.type == event_type::activity;
    if (state.active) {
        to_.begin(track_of(one), lane::activity, one.time,
                  name_of_payload(category::activity, one.payload & 3U), category::activity);
    }
}

void timeline::mark(const recorded_event& one, name_index name) {
    to_.instant(track_of(one), one.time, name);
}

void timeline::add(const recorded_event& one) {
    const auto [at, fresh] = threads_.try_emplace(track_of(one));
    thread_state& state = at->second;
    if (fresh) {
        to_.thread(at->first);
    }
    state.last = one.time;
    switch (one.type) {
    case event_type::root_begin:
        begin_root(one, state);
        break;
    case event_type::root_end:
        end(one, state, event_type::root_begin);
        break;
    case event_type::task_begin:
        begin(one, state, name_of_payload(category::task, 0), category::task);
        break;
    case event_type::task_end:
        end(one, state, event_type::task_begin);
        break;
    case event_type::wait_begin:
        begin(one, state, name_of_payload(category::wait, 0), category::wait);
        break;
    case event_type::wait_end:
        end(one, state, event_type::wait_begin);
        break;
    case event_type::kind_begin:
        begin(one, state, name_of_payload(category::kind, one.payload), category::kind);
        break;
    case event_type::kind_end:
        end(one, state, event_type::kind_begin);
        break;
    case event_type::region_begin:
        begin(one, state, name_of_payload(category::region, one.payload), category::region);
        break;
    case event_type::region_end:
        end(one, state, event_type::region_begin);
        break;
    case event_type::activity:
    case event_type::leave_place:
        change_activity(one, state);
        break;
    case event_type::steal:
    case event_type::leapfrog:
    case event_type::wake:
        mark(one, name(fmt::format("{} {}", name_of(one.type), one.payload)));
        break;
    case event_type::blocked:
    case event_type::resumed:
    case event_type::hand_over:
    case event_type::park:
    case event_type::submitted:
    case event_type::ended:
        mark(one, name(name_of(one.type)));
        break;
    case event_type::delay:
        if (one.second > 0) { // else it says that the thread will tell
            to_.delay(one.thread, one.time,
                      profile::tick_clock({}, of_.ticks_per_nanosecond).length(one.second),
                      name("run delay"));
        }
        break;
    default: // strands are too many for a picture
        break;
    }
}

void timeline::finish() {
    for (auto& [number, state] : threads_) {
        for (std::size_t k = 0; k < state.stack.size(); ++k) {
            to_.end(number, lane::tasks, state.last);
        }
        if (state.active) {
            to_.end(number, lane::activity, state.last);
        }
        unmatched_ += static_cast<std::uint64_t>(
            std::count_if(state.stack.begin(), state.stack.end(),
                          [](const open_slice& open) { return !open.taken_over; }));
    }
    threads_.clear();
}

} // namespace twill::tool

// SPDX-License-Identifier: Apache-2.0
#include "load/all_runtimes.hpp"

#include "load/snapshot.hpp"
#include "os/message.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

namespace twill::load_model {

/// The runtimes that there are, and the responses of those that there were; and while there is a
/// recording, what the runtimes were when it began, and what those had that have ended in it. A
/// snapshot is taken under the lock, so that none ends meanwhile.
class all_runtimes {
public:
    void add(load_source& source, const char* name) noexcept {
        const std::lock_guard locked(changing_);
        source.number_ = ++numbers_;
        std::strncpy(source.name_, name, sizeof source.name_ - 1);
        source.next_ = first_;
        first_ = &source;
    }

    std::uint32_t number_of(const load_source& source) noexcept {
        const std::lock_guard locked(changing_);
        return source.number_;
    }

    void keep(load_source& source) noexcept {
        const std::lock_guard locked(changing_);
        if (!take_out(source)) {
            return;
        }
        ended_responses_.add(source.responses());
        if (!recording_) {
            return;
        }
        try {
            keep(since_begin(source));
        } catch (const std::exception&) {
            os::say("twill: recording: no memory for the accounts of the runtime \"%s\", which "
                    "ends\n",
                    source.name_);
        }
    }

    void begin() {
        const std::lock_guard locked(changing_);
        before_.clear();
        ended_.clear();
        numbers_ = 0;
        for (load_source* one = first_; one != nullptr; one = one->next_) {
            ++numbers_;
        }
        std::uint32_t number = numbers_;
        for (load_source* one = first_; one != nullptr; one = one->next_) { // the newest first
            one->number_ = number--;
            before_.push_back({one->number_, snapshot_of(*one)});
        }
        recording_ = true;
    }

    std::vector<runtime_load> read() {
        const std::lock_guard locked(changing_);
        std::vector<runtime_load> all = ended_;
        for (const load_source* one = first_; one != nullptr; one = one->next_) {
            all.push_back(since_begin(*one));
        }
        return all;
    }

    void end() noexcept {
        const std::lock_guard locked(changing_);
        recording_ = false;
        before_.clear();
        ended_.clear();
    }

    std::vector<response_load> responses() {
        const auto sum = std::make_unique<response_table>();
        {
            const std::lock_guard locked(changing_);
            sum->add(ended_responses_);
            for (const load_source* one = first_; one != nullptr; one = one->next_) {
                sum->add(one->responses());
            }
        }
        return sum->read();
    }

    // The lock may be held by a thread that is not here, and what is in the lists of the recording
    // may have been changed just then: they are left as they are, and new ones take their places.
    void forget() noexcept {
        new (&changing_) std::mutex;
        new (&before_) std::vector<earlier>;
        new (&ended_) std::vector<runtime_load>;
        for (const load_source* one = first_; one != nullptr; one = one->next_) {
            ended_responses_.add(one->responses());
        }
        first_ = nullptr;
        numbers_ = 0;
        recording_ = false;
    }

private:
    struct earlier {
        std::uint32_t number;
        load_snapshot snapshot;
    };

    /// False if it is not in the list: then it is the parent's, in the child of a fork().
    bool take_out(const load_source& source) noexcept {
        for (load_source** at = &first_; *at != nullptr; at = &(*at)->next_) {
            if (*at == &source) {
                *at = source.next_;
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] runtime_load since_begin(const load_source& source) const {
        const auto before = std::find_if(before_.begin(), before_.end(), [&](const earlier& one) {
            return one.number == source.number_;
        });
        load_snapshot now = snapshot_of(source);
        return {source.number_, source.name_,
                before == before_.end() ? std::move(now.since_start) : now - before->snapshot};
    }

    void keep(runtime_load one) {
        if (ended_.size() < most_ended_runtimes) {
            ended_.push_back(std::move(one));
            return;
        }
        if (ended_.size() == most_ended_runtimes) {
            ended_.push_back({0, "(others)", {}});
            ended_.back().window.cpu = load_window::duration{};
        }
        load_window& to = ended_.back().window;
        const load_window& from = one.window;
        to.workers.push_back(from.total());
        to.workers = {to.total()};
        to.wall += from.wall;
        to.in_verbs += from.in_verbs;
        to.awake_limit = std::max(to.awake_limit, from.awake_limit);
        if (to.cpu && from.cpu) {
            *to.cpu += *from.cpu;
            to.off_places += from.off_places;
        } else {
            to.cpu.reset();
        }
    }

    std::mutex changing_;
    load_source* first_ = nullptr;
    std::uint32_t numbers_ = 0;      // given in this recording
    response_table ended_responses_; // of the runtimes that there were
    bool recording_ = false;
    std::vector<earlier> before_;
    std::vector<runtime_load> ended_;
};

namespace {

// Never destroyed: runtimes of static objects end after main().
all_runtimes& all() noexcept {
    alignas(all_runtimes) static unsigned char room[sizeof(all_runtimes)];
    static auto* const one = new (room) all_runtimes;
    return *one;
}

} // namespace

void count_runtime(load_source& source, const char* name) noexcept { all().add(source, name); }

std::uint32_t number_of(const load_source& source) noexcept { return all().number_of(source); }

void keep_runtime(load_source& source) noexcept { all().keep(source); }

void begin_recording_runtimes() { all().begin(); }

std::vector<runtime_load> recorded_runtimes() { return all().read(); }

void end_recording_runtimes() noexcept { all().end(); }

std::vector<response_load> responses_of_all() { return all().responses(); }

void forget_runtimes_in_child() noexcept { all().forget(); }

} // namespace twill::load_model

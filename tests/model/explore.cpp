// SPDX-License-Identifier: Apache-2.0

/// \file
/// The explorer's program: explores a scenario, or repeats one schedule of it.

#include "load/thread_account.hpp"
#include "sched/planted.hpp"
#include "simulator/campaign.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace twill::model {
namespace {

struct command {
    const scenario* what = nullptr;
    campaign how;
    std::string replay;
    std::size_t trace_lines = 60;
    std::vector<std::size_t> reaches; // counters
    bool expects_failure = false;
    bool must_end = false;
};

constexpr const char* usage =
    "usage: explore SCENARIO [option value]...\n"
    "  --memory sequential|store_buffers|weak    what the simulated memory allows (weak)\n"
    "  --search random|priorities|depth_first    who decides (random)\n"
    "  --schedules N  --seconds S                when to stop\n"
    "  --seed N                                  of random and priorities\n"
    "  --depth N                                 change points of priorities, and one (3)\n"
    "  --preemptions N                           bound of depth_first (3)\n"
    "  --buffered N  --late N  --distance N      stores on the way, late loads, how late (2)\n"
    "  --spurious N                              failures for no reason (1)\n"
    "  --pause N                                 microseconds a pause takes, 0: drawn (0; 6)\n"
    "  --planted NAME                            plant a mistake; it must be found\n"
    "  --exhaust 1                               fail unless depth_first comes to its end\n"
    "  --reaches COUNTER                         fail unless it happened; more than once: all\n"
    "  --replay ANSWERS                          repeat a schedule; other options as printed\n"
    "  --trace N                                 lines of the trace to print (60)\n";

struct fault_name {
    const char* name;
    sched::fault which;
};
constexpr fault_name faults[] = {
    {"unfenced_recheck", sched::fault::unfenced_recheck},
    {"relaxed_publish", sched::fault::relaxed_publish},
    {"stale_epoch", sched::fault::stale_epoch},
    {"touch_after_end", sched::fault::touch_after_end},
    {"silent_hand_over", sched::fault::silent_hand_over},
    {"silent_raise", sched::fault::silent_raise},
    {"silent_put", sched::fault::silent_put},
    {"touch_after_unpin", sched::fault::touch_after_unpin},
    {"blind_unlink", sched::fault::blind_unlink},
    {"late_raise", sched::fault::late_raise},
    {"kept_ticket", sched::fault::kept_ticket},
    {"level_unseen", sched::fault::level_unseen},
    {"blind_clean", sched::fault::blind_clean},
    {"post_without_claim", sched::fault::post_without_claim},
    {"blind_mailbox", sched::fault::blind_mailbox},
    {"unawaited_post", sched::fault::unawaited_post},
    {"unpinned_forward", sched::fault::unpinned_forward},
};

struct counter_name {
    const char* name;
    load_model::counter which;
};
constexpr counter_name counters[] = {
    {"published", load_model::counter::published},
    {"taken_back", load_model::counter::taken_back},
    {"stolen", load_model::counter::stolen},
    {"leapfrogged", load_model::counter::leapfrogged},
    {"joins_blocked", load_model::counter::joins_blocked},
    {"handed_over", load_model::counter::handed_over},
    {"parked", load_model::counter::parked},
    {"woken", load_model::counter::woken},
    {"posted", load_model::counter::posted},
    {"placed", load_model::counter::placed},
    {"displaced", load_model::counter::displaced},
    {"forwarded", load_model::counter::forwarded},
    {"retired", load_model::counter::retired},
    {"threads", load_model::counter::threads},
    {"tickets", load_model::counter::tickets},
};

std::uint64_t counted(const counter_name& one) {
    return load_model::counted[static_cast<std::size_t>(one.which)];
}

[[noreturn]] void misused(const std::string& what) {
    std::fprintf(stderr, "explore: %s\n%s", what.c_str(), usage);
    for (const scenario& one : scenarios()) {
        std::fprintf(stderr, "    %-16s %s\n", one.name, one.what);
    }
    std::exit(2);
}

std::uint64_t number(const char* option, const char* value) {
    char* end = nullptr;
    const std::uint64_t read = std::strtoull(value, &end, 0);
    if (end == value || *end != '\0') {
        misused(std::string(option) + ": expected a number, got \"" + value + "\"");
    }
    return read;
}

std::size_t index_of(const char* option, const char* value,
                     std::initializer_list<const char*> names) {
    const auto* found = std::ranges::find_if(
        names, [value](const char* one) { return std::strcmp(one, value) == 0; });
    if (found == names.end()) {
        misused(std::string(option) + ": unknown value \"" + value + "\"");
    }
    return static_cast<std::size_t>(found - names.begin());
}

void plant(const char* name) {
    for (const fault_name& one : faults) {
        if (std::strcmp(one.name, name) == 0) {
            sched::planted_fault = one.which;
            return;
        }
    }
    misused(std::string("--planted: unknown value \"") + name + "\"");
}

void take_option(command& into, const char* option, const char* value) {
    const auto is = [option](const char* name) { return std::strcmp(option, name) == 0; };
    const auto word = [&] { return static_cast<std::uint32_t>(number(option, value)); };
    settings& with = into.how.with;
    if (is("--memory")) {
        with.memory = static_cast<memory_mode>(
            index_of(option, value, {"sequential", "store_buffers", "weak"}));
    } else if (is("--search")) {
        into.how.by =
            static_cast<search>(index_of(option, value, {"random", "priorities", "depth_first"}));
        with.pause_cost = into.how.by == search::depth_first ? 6 : 0;
        with.late = into.how.by == search::depth_first ? 2 : 1000;
    } else if (is("--schedules")) {
        into.how.schedules = number(option, value);
    } else if (is("--seconds")) {
        into.how.seconds = static_cast<double>(number(option, value));
    } else if (is("--seed")) {
        into.how.seed = number(option, value);
    } else if (is("--depth")) {
        into.how.depth = word();
    } else if (is("--preemptions")) {
        with.preemptions = word();
    } else if (is("--buffered")) {
        with.buffered = word();
    } else if (is("--late")) {
        with.late = word();
    } else if (is("--distance")) {
        with.distance = word();
    } else if (is("--spurious")) {
        with.spurious = word();
    } else if (is("--pause")) {
        with.pause_cost = word();
    } else if (is("--planted")) {
        plant(value);
        into.expects_failure = true;
    } else if (is("--exhaust")) {
        into.must_end = number(option, value) != 0;
    } else if (is("--reaches")) {
        std::size_t which = 0;
        while (which < std::size(counters) && std::strcmp(counters[which].name, value) != 0) {
            ++which;
        }
        if (which == std::size(counters)) {
            misused(std::string("--reaches: unknown value \"") + value + "\"");
        }
        into.reaches.push_back(which);
    } else if (is("--replay")) {
        into.replay = value;
    } else if (is("--trace")) {
        into.trace_lines = number(option, value);
    } else {
        misused(std::string("unknown option ") + option);
    }
}

void print_options(const command& one) {
    const settings& with = one.how.with;
    static constexpr const char* memories[] = {"sequential", "store_buffers", "weak"};
    static constexpr const char* searches[] = {"random", "priorities", "depth_first"};
    std::printf("%s --search %s --memory %s --preemptions %u --buffered %u --late %u --distance %u "
                "--spurious %u --pause %u",
                one.what->name, searches[static_cast<std::size_t>(one.how.by)],
                memories[static_cast<std::size_t>(with.memory)], with.preemptions, with.buffered,
                with.late, with.distance, with.spurious, with.pause_cost);
    for (const fault_name& fault : faults) {
        if (fault.which == sched::planted_fault) {
            std::printf(" --planted %s", fault.name);
        }
    }
}

void print_failure(const command& one, const campaign_result& result) {
    const std::size_t count = result.trace.size();
    const std::size_t first = count > one.trace_lines ? count - one.trace_lines : 0;
    if (first > 0) {
        std::printf("  ... %zu lines before\n", first);
    }
    for (std::size_t k = first; k < count; ++k) {
        std::printf("%s\n", result.trace[k].c_str());
    }
    std::printf("FAILED at step %u: %s\nreplay: explore ", result.failed_at,
                result.failure.c_str());
    print_options(one);
    std::printf(" --replay %s\n", result.replay.c_str());
    if (one.replay.empty()) {
        std::printf("the campaign: --seed %llu --schedules %llu\n",
                    static_cast<unsigned long long>(one.how.seed),
                    static_cast<unsigned long long>(result.schedules));
    }
}

void print_summary(const command& one, const campaign_result& result) {
    const settings& with = one.how.with;
    std::printf("%s: %s memory, %s", one.what->name, name_of(with.memory), name_of(one.how.by));
    if (one.how.by == search::depth_first) {
        std::printf(", preemptions <= %u", with.preemptions);
    }
    if (with.memory == memory_mode::store_buffers) {
        std::printf(", buffered stores <= %u", with.buffered);
    } else if (with.memory == memory_mode::weak && one.how.by == search::depth_first) {
        std::printf(", late loads <= %u", with.late);
    }
    std::printf(": %llu schedules of at most %u steps",
                static_cast<unsigned long long>(result.schedules), result.longest);
    if (one.how.by == search::depth_first) {
        std::printf(" (%llu left early), %llu states, %s",
                    static_cast<unsigned long long>(result.left_early),
                    static_cast<unsigned long long>(result.states),
                    result.exhausted ? "complete" : "not complete");
    }
    std::printf("; %.2f s, %.0f schedules/s\n", result.seconds,
                static_cast<double>(result.schedules) / std::max(result.seconds, 1e-6));
}

void print_counters() {
    const char* before = "  in all: ";
    for (const counter_name& one : counters) {
        if (counted(one) > 0) {
            std::printf("%s%s %llu", before, one.name,
                        static_cast<unsigned long long>(counted(one)));
            before = ", ";
        }
    }
    std::printf("%s", *before == ',' ? "\n" : "");
}

int explore(int count, char** arguments) {
    command one;
    one.how.with.pause_cost = 0;
    one.how.with.late = 1000;
    if (count < 2 || (one.what = find_scenario(arguments[1])) == nullptr) {
        misused(count < 2 ? "which scenario?" : std::string("no scenario ") + arguments[1]);
    }
    for (int k = 2; k < count; k += 2) {
        if (k + 1 == count) {
            misused(std::string(arguments[k]) + " takes a value");
        }
        take_option(one, arguments[k], arguments[k + 1]);
    }
    const campaign_result result = one.replay.empty()
                                       ? run(one.what->run, one.how)
                                       : run_again(one.what->run, one.how, one.replay);
    print_summary(one, result);
    print_counters();
    if (result.failed) {
        print_failure(one, result);
    }
    for (const std::size_t which : one.reaches) {
        if (!result.failed && counted(counters[which]) == 0) {
            std::printf("FAILED: nothing was %s\n", counters[which].name);
            return 1;
        }
    }
    if (one.must_end && !result.failed && !result.exhausted) {
        std::printf("FAILED: the search did not come to its end\n");
        return 1;
    }
    if (one.expects_failure && !result.failed) {
        std::printf("FAILED: the planted mistake was not found\n");
    }
    return result.failed == one.expects_failure ? 0 : 1;
}

} // namespace
} // namespace twill::model

int main(int count, char** arguments) { return twill::model::explore(count, arguments); }

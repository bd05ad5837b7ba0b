// SPDX-License-Identifier: Apache-2.0
#include "topology/workers.hpp"

#include "os/environment.hpp"
#include "os/message.hpp"
#include "topology/worker_count.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <tuple>
#include <utility>

namespace twill::topology {
namespace {

constexpr const char* topology_variable = "TWILL_TOPOLOGY";
constexpr const char* places_variable = "TWILL_PLACES";

/// Null also for an empty value, which counts as unset.
const char* value_of(const char* name) {
    const char* const value = os::read(name);
    return value == nullptr || *value == '\0' ? nullptr : value;
}

/// The number of processors is all that is known.
table flat_machine() {
    table found;
    found.rows.resize(static_cast<std::size_t>(std::min(affinity_count(), max_workers)));
    return found;
}

table machine_itself() {
    std::string why;
    if (auto found = read_table({}, why)) {
        return *std::move(found);
    }
    os::say("twill: the machine's topology cannot be read (%s); only its size is used\n",
            why.c_str());
    return flat_machine();
}

/// Nothing for the machine itself.
std::optional<std::pair<source, table>> described_machine() {
    const char* const value = value_of(topology_variable);
    if (value == nullptr) {
        return std::nullopt;
    }
    const std::optional<source> asked = parse_source(value);
    std::string why;
    if (!asked) {
        os::complain(topology_variable, source_forms, value, "machine");
    } else if (asked->kind != source_kind::machine) {
        if (auto found = read_table(*asked, why)) {
            return std::pair(*asked, *std::move(found));
        }
        const std::string expected = "a topology (" + why + ")";
        os::complain(topology_variable, expected.c_str(), value, "machine");
    }
    return std::nullopt;
}

std::vector<table_row> chosen_places(const table& machine, places& wanted) {
    const char* const value = value_of(places_variable);
    if (value != nullptr) {
        std::string why = places_forms;
        if (const auto asked = parse_places(value)) {
            if (auto chosen = placed(machine, *asked, why)) {
                wanted = *asked;
                return *std::move(chosen);
            }
        }
        os::complain(places_variable, why.c_str(), value, "all CPUs");
    }
    return machine.rows;
}

std::vector<table_row> in_turn(const std::vector<table_row>& rows, int count) {
    std::vector<table_row> workers;
    workers.reserve(static_cast<std::size_t>(count));
    for (int worker = 0; worker < count; ++worker) {
        workers.push_back(rows[static_cast<std::size_t>(worker) % rows.size()]);
    }
    return workers;
}

} // namespace

worker_table workers_from_environment() {
    worker_table result;
    if (auto described = described_machine()) {
        std::tie(result.from, result.machine) = *std::move(described);
    } else {
        result.machine = machine_itself();
    }
    result.choice = chosen_places(result.machine, result.wanted);
    if (result.from.kind == source_kind::machine) {
        result.quota = cpu_quota();
    }
    const int count =
        default_worker_count(usable_cores(static_cast<int>(result.choice.size()), result.quota));
    result.workers = in_turn(result.choice, count);
    return result;
}

worker_table with_workers(const worker_table& on, int workers) {
    worker_table result = on;
    result.workers = in_turn(on.choice, workers);
    return result;
}

victim_rule victim_rule_from_environment() noexcept {
    static constexpr const char* values[] = {"uniform", "level"};
    return static_cast<victim_rule>(os::choice("TWILL_STEAL", values, "uniform or level", 1));
}

std::optional<worker_table> workers_described() noexcept {
    try {
        const char* const value = value_of(topology_variable);
        const std::optional<source> asked = value == nullptr ? source{} : parse_source(value);
        if (value_of(places_variable) == nullptr && asked && asked->kind == source_kind::machine) {
            return std::nullopt;
        }
        worker_table found = workers_from_environment();
        if (found.from.kind == source_kind::machine &&
            found.wanted.kind == places_kind::processors) {
            return std::nullopt; // a bad value, which was told
        }
        return found;
    } catch (const std::bad_alloc&) {
        return std::nullopt;
    }
}

std::optional<worker_table> workers_on_machine(int workers, std::span<const int> cores) noexcept {
    try {
        std::string why;
        auto read = read_table({}, why);
        if (!read) {
            return std::nullopt;
        }
        worker_table result;
        result.machine = *std::move(read);
        std::vector<table_row> rows;
        for (const int core : cores) {
            const auto row = std::ranges::find(result.machine.rows, core, &table_row::pu);
            if (row != result.machine.rows.end()) {
                rows.push_back(*row);
            }
        }
        result.workers = in_turn(rows.empty() ? result.machine.rows : rows, workers);
        return result;
    } catch (const std::bad_alloc&) {
        return std::nullopt;
    }
}

} // namespace twill::topology

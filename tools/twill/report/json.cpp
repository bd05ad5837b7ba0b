// SPDX-License-Identifier: Apache-2.0
// Everything that a profile holds, for programs.
#include "report/bounds.hpp"
#include "report/lengths.hpp"
#include "report/levels.hpp"
#include "report/outputs.hpp"
#include "verdict/figures.hpp"

#include <nlohmann/json.hpp>

namespace twill::tool {

namespace {

using nlohmann::ordered_json;

template <class Value>
ordered_json or_null(const std::optional<Value>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json columns(const profile::worker& of) {
    return {{"open", of.open},     {"useful", of.useful}, {"dispatch", of.dispatch},
            {"search", of.search}, {"parked", of.parked}, {"preempted", or_null(of.preempted)},
            {"over", of.over}};
}

ordered_json accounts(const profile::accounts& of, const std::vector<std::string>& counts) {
    ordered_json workers = ordered_json::array();
    for (const profile::worker& one : of.workers) {
        ordered_json row = columns(one);
        ordered_json numbers = ordered_json::object();
        for (std::size_t k = 0; k < counts.size() && k < one.counts.size(); ++k) {
            numbers[counts[k]] = one.counts[k];
        }
        row["counts"] = std::move(numbers);
        workers.push_back(std::move(row));
    }
    return {{"wall", of.wall},
            {"in_verbs", of.in_verbs},
            {"cpu", or_null(of.cpu)},
            {"off_places", of.off_places},
            {"awake_limit", of.awake_limit},
            {"workers", std::move(workers)}};
}

ordered_json threads(const profile::profile& of) {
    ordered_json all = ordered_json::array();
    for (const profile::thread& one : of.threads) {
        all.push_back({{"number", one.number},
                       {"from_outside", one.from_outside != 0},
                       {"system_id", one.system_id},
                       {"blocked", one.blocked},
                       {"blocks", one.blocks}});
    }
    return all;
}

ordered_json histogram(const profile::histogram& of, profile::nanoseconds longest) {
    return {{"samples", samples_of(of)},
            {"p50", percentile(of, 0.5, longest)},
            {"p99", percentile(of, 0.99, longest)},
            {"upper", of.upper},
            {"count", of.count}};
}

ordered_json kinds(const std::vector<profile::kind>& of) {
    ordered_json all = ordered_json::array();
    for (const profile::kind& one : of) {
        const profile::kind_on_worker sum = profile::total_of(one);
        ordered_json workers = ordered_json::array();
        for (const profile::kind_on_worker& part : one.workers) {
            workers.push_back({{"count", part.count}, {"total", part.total}});
        }
        all.push_back({{"name", one.name},
                       {"count", sum.count},
                       {"total", sum.total},
                       {"errors", one.errors},
                       {"longest", one.longest},
                       {"asleep", one.asleep},
                       {"durations", histogram(one.sampled, one.longest)},
                       {"workers", std::move(workers)}});
    }
    return all;
}

ordered_json regions(const profile::profile& of) {
    ordered_json all = ordered_json::array();
    for (const profile::region& one : of.regions) {
        all.push_back({{"name", one.name},
                       {"count", one.count},
                       {"wall", one.wall},
                       {"in_verbs", one.in_verbs},
                       {"late", one.late},
                       {"late_sum", one.late_sum},
                       {"workers", columns(one.all)}});
    }
    return all;
}

ordered_json strands(const std::optional<profile::dag>& of) {
    if (!of) {
        return nullptr;
    }
    const profile::dag& dag = *of;
    return {{"work", dag.work},
            {"span", dag.span},
            {"burdened_span", dag.burdened},
            {"span_is_upper_bound", dag.upper_bound},
            {"strands", dag.strands},
            {"longest_strand", dag.longest_strand},
            {"run_delay", or_null(dag.delay)},
            {"durations", histogram(dag.strand_lengths, dag.longest_strand)}};
}

ordered_json runtimes(const profile::profile& of) {
    ordered_json all = ordered_json::array();
    for (const profile::runtime& one : of.runtimes) {
        all.push_back({{"number", one.number},
                       {"name", one.name},
                       {"total", accounts(one.total, of.counts)},
                       {"kinds", kinds(one.kinds)},
                       {"strands", strands(one.strands)},
                       {"no_dag", one.no_dag},
                       {"events", one.events},
                       {"dropped", one.dropped}});
    }
    return all;
}

ordered_json machine(const profile::profile& of) {
    if (!of.where) {
        return nullptr;
    }
    const auto or_absent = [](const std::string& text) {
        return text.empty() ? ordered_json(nullptr) : ordered_json(text);
    };
    const auto place = [](int number) {
        return number < 0 ? ordered_json(nullptr) : ordered_json(number);
    };
    ordered_json workers = ordered_json::array();
    for (const profile::worker_place& one : of.where->workers) {
        workers.push_back({{"pu", place(one.pu)},
                           {"core", place(one.core)},
                           {"l3", place(one.l3)},
                           {"node", place(one.node)}});
    }
    return {{"build_id", or_absent(of.where->build_id)},
            {"no_build_id", or_absent(of.where->no_build_id)},
            {"workers", std::move(workers)},
            {"no_places", or_absent(of.where->no_places)}};
}

ordered_json hardware(const profile::profile& of) {
    if (!of.counted) {
        return nullptr;
    }
    ordered_json workers = ordered_json::array();
    for (const profile::hardware_on_worker& one : of.counted->workers) {
        workers.push_back({{"cycles", or_null(one.cycles)},
                           {"instructions", or_null(one.instructions)},
                           {"cache_misses", or_null(one.cache_misses)}});
    }
    const auto reason = [](const std::string& why) {
        return why.empty() ? ordered_json(nullptr) : ordered_json(why);
    };
    return {{"workers", std::move(workers)},
            {"counters_absent", reason(of.counted->counters_absent)},
            {"joules_absent", reason(of.counted->joules_absent)}};
}

ordered_json responses(const profile::profile& of) {
    static constexpr const char* names[] = {"high", "normal", "low"};
    ordered_json all = ordered_json::array();
    for (std::size_t k = 0; k < of.by_priority.size(); ++k) {
        const profile::responses& one = of.by_priority[k];
        all.push_back(
            {{"priority", k < std::size(names) ? names[k] : "other"},
             {"count", one.count},
             {"mean", one.sum && one.count > 0
                          ? ordered_json(*one.sum / static_cast<profile::nanoseconds>(one.count))
                          : ordered_json(nullptr)},
             {"longest", one.longest},
             {"late", one.late},
             {"late_sum", or_null(one.late_sum)},
             {"errors", or_null(one.errors)},
             {"durations", histogram(one.sampled, one.longest)}});
    }
    return all;
}

ordered_json finding(const profile::finding& of) {
    return {{"cause", name_of(of.what)}, {"subject", of.subject}, {"gain", of.gain},
            {"text", of.seen},           {"change", of.change},   {"formula", of.formula}};
}

ordered_json verdict(const profile::verdict& of) {
    const profile::accounts_of_time& where = of.accounts;
    ordered_json result = finding(of.findings.front());
    result["runtime"] = of.runtime;
    result["accounts"] = {{"capacity", where.capacity},
                          {"useful", where.useful},
                          {"dispatch", where.dispatch},
                          {"starved", where.starved},
                          {"serial", where.serial},
                          {"preempted", where.preempted_known ? ordered_json(where.preempted)
                                                              : ordered_json(nullptr)},
                          {"capped", where.capped}};
    ordered_json others = ordered_json::array();
    for (std::size_t k = 1; k < of.findings.size(); ++k) {
        others.push_back(finding(of.findings[k]));
    }
    result["others"] = std::move(others);
    return result;
}

ordered_json figures(const report_input& input) {
    const bounds all = bounds_of(input);
    const by_level levels = by_level_of(input.of, input.part().total.workers);
    const auto ns = [](double value) { return static_cast<profile::nanoseconds>(value); };
    const auto maybe = [&](const std::optional<double>& value) {
        return value ? ordered_json(ns(*value)) : ordered_json(nullptr);
    };
    return {{"workers_at_a_time", input.judged.accounts.awake},
            {"total_load", ns(all.load)},
            {"makespan", ns(all.makespan)},
            {"mean_load", ns(all.mean)},
            {"load_balance", all.load_balance},
            {"parallel_efficiency", all.efficiency},
            {"imbalance", all.imbalance},
            {"utilisation", all.utilisation},
            {"tasks", or_null(all.tasks)},
            {"throughput", or_null(all.throughput)},
            {"error_rate", or_null(all.error_rate)},
            {"longest_task", ns(all.longest_task)},
            {"lower_bound", ns(all.lower)},
            {"quality", all.quality},
            {"parallelism", or_null(all.parallelism)},
            {"brent_bound", maybe(all.brent)},
            {"graham_bound", maybe(all.graham)},
            {"steals",
             {{"local", or_null(levels.local)},
              {"remote", or_null(levels.remote)},
              {"near", or_null(levels.near)},
              {"middle", or_null(levels.middle)},
              {"far", or_null(levels.far)}}},
            {"parts_of_placed_loops",
             {{"placed", or_null(levels.placed)}, {"displaced", or_null(levels.displaced)}}}};
}

} // namespace

std::string report_as_json(const report_input& input) {
    const profile::profile& of = input.of;
    ordered_json series = ordered_json::array();
    for (const profile::accounts& one : of.series) {
        series.push_back(accounts(one, of.counts));
    }
    const ordered_json all{
        {"times", "ns"},
        {"verdict", verdict(input.judged)},
        {"program", of.program},
        {"build", of.build},
        {"host", of.host},
        {"machine", machine(of)},
        {"pid", of.pid},
        {"started", of.started},
        {"version", of.version},
        {"mode", of.mode},
        {"cores", of.cores},
        {"quota", or_null(of.quota)},
        {"measured",
         {{"steal", of.steal_takes},
          {"wake", of.wake_takes},
          {"task", of.task_takes},
          {"clock_ahead", of.clock_ahead}}},
        {"figures", figures(input)},
        {"total", accounts(of.total, of.counts)},
        {"threads", threads(of)},
        {"kinds", kinds(of.kinds)},
        {"regions", regions(of)},
        {"responses", responses(of)},
        {"runtimes", runtimes(of)},
        {"strands", strands(of.strands)},
        {"no_dag", of.no_dag},
        {"joules", or_null(of.joules)},
        {"hardware", hardware(of)},
        {"events", of.events},
        {"dropped", of.dropped},
        {"complete", of.complete},
        {"notes", of.notes},
        {"series", std::move(series)},
    };
    // Names are bytes of the program's choice: what is no UTF-8 becomes U+FFFD.
    return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace twill::tool

// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <twill/worker.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace social {
namespace {

using json = nlohmann::ordered_json;

json times_of(const step_times& times) {
    const auto at = [&times](step which) { return times[static_cast<std::size_t>(which)]; };
    return {{"edges", at(step::edges)},
            {"build", at(step::build)},
            {"triangles", at(step::triangles)},
            {"pagerank", at(step::pagerank)},
            {"total", total(times)}};
}

json speedup_of(const json& serial, const json& parallel) {
    json speedup;
    for (const auto& [name, time] : serial.items()) {
        speedup[name] = time.get<double>() / parallel.at(name).get<double>();
    }
    return speedup;
}

json load_of(const twill::worker_load& worker) {
    json columns{{"open_ns", worker.open.count()},
                 {"useful_ns", worker.useful.count()},
                 {"dispatch_ns", worker.dispatch.count()},
                 {"search_ns", worker.search.count()},
                 {"parked_ns", worker.parked.count()}};
    columns["preempted_ns"] =
        worker.preempted.has_value() ? json(worker.preempted->count()) : json(nullptr);
    columns.update({{"over_ns", worker.over.count()},
                    {"forks", worker.forks},
                    {"published", worker.published},
                    {"taken_back", worker.taken_back},
                    {"stolen", worker.stolen},
                    {"leapfrogged", worker.leapfrogged},
                    {"handed_over", worker.handed_over},
                    {"parks", worker.parks}});
    return columns;
}

json load_of(const twill::load_window& window) {
    json workers = json::array();
    for (const twill::worker_load& worker : window.workers) {
        workers.push_back(load_of(worker));
    }
    return {{"wall_ns", window.wall.count()},
            {"total_load_ns", window.total_load().count()},
            {"makespan_ns", window.makespan().count()},
            {"imbalance", window.imbalance()},
            {"load_balance", window.load_balance()},
            {"parallel_efficiency", window.parallel_efficiency()},
            {"utilisation", window.utilisation()},
            {"workers", std::move(workers)}};
}

json check_of(const comparison& check) {
    json found{{"ok", check.ok()},
               {"pagerank_distance", check.distance},
               {"pagerank_total", check.total},
               {"bound", check.bound}};
    if (!check.ok()) {
        found["failure"] = check.failure;
    }
    return found;
}

json source_of(const graph_source& source) {
    if (const rmat* const model = std::get_if<rmat>(&source)) {
        return {{"kind", "rmat"},
                {"scale", model->scale},
                {"edges_per_vertex", model->edges_per_vertex},
                {"seed", model->seed}};
    }
    return {{"kind", "edge list"}, {"name", describe(source)}};
}

json leaders_of(const analysis& of, std::size_t top) {
    json list = json::array();
    for (const leader& one : leaders(of, top)) {
        json entry{{"vertex", one.number}, {"rank", one.rank}};
        if (!one.name.empty()) {
            entry["name"] = one.name;
        }
        list.push_back(std::move(entry));
    }
    return list;
}

} // namespace

void print_json(const run_options& options, const run_result& result, std::size_t top,
                std::FILE* to) {
    const analysis& last = result.last;
    json out{{"source", source_of(options.source)},
             {"vertices", last.of.vertices()},
             {"edges", last.of.edges()},
             {"triangles", last.triangles},
             {"pagerank",
              {{"iterations", last.pagerank.iterations},
               {"change", last.pagerank.change},
               {"converged", last.pagerank.converged},
               {"damping", options.pagerank.damping},
               {"tolerance", options.pagerank.tolerance},
               {"top", leaders_of(last, top)}}},
             {"repeat", options.repeat}};
    if (result.serial.has_value()) {
        out["serial_ms"] = times_of(*result.serial);
    }
    if (result.parallel.has_value()) {
        out["workers"] = twill::worker_count();
        out["twill_ms"] = times_of(*result.parallel);
    }
    if (result.serial.has_value() && result.parallel.has_value()) {
        out["speedup"] = speedup_of(out["serial_ms"], out["twill_ms"]);
    }
    if (result.check.has_value()) {
        out["check"] = check_of(*result.check);
    }
    if (result.load.has_value()) {
        out["load"] = load_of(*result.load);
    }
    // A file's name may be in any encoding.
    fmt::print(to, "{}\n", out.dump(2, ' ', false, json::error_handler_t::replace));
}

} // namespace social

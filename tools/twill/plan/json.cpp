// SPDX-License-Identifier: Apache-2.0
#include "plan/outputs.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace twill::tool {

std::string plan_as_json(const planned_input& input) {
    using json = nlohmann::ordered_json;
    const plan& made = input.made;
    const auto or_null = [](const std::optional<double>& number) {
        return number ? json(*number) : json();
    };
    json result{
        {"strategy", input.strategy},
        {"makespan", made.makespan},
        {"total_load", made.total_load},
        {"lower_bound", made.lower_bound},
        {"gap", made.gap()},
        {"optimal", made.optimal()},
        {"promised_ratio", or_null(made.promised_ratio)},
        {"promised_makespan", or_null(made.promised_makespan)},
    };
    json& cores = result["cores"] = json::array();
    for (const plan_core& core : made.cores) {
        cores.push_back({{"speed", core.speed}, {"load", core.load}, {"tasks", core.tasks}});
    }
    const std::vector<double> begins = begins_of(input);
    json& tasks = result["tasks"] = json::array();
    for (std::size_t k = 0; k < input.tasks.size(); ++k) {
        tasks.push_back({{"task", input.tasks[k].name},
                         {"time", input.facts[k].time},
                         {"kind", input.tasks[k].kind},
                         {"priority", input.tasks[k].priority},
                         {"core", made.core_of[k]},
                         {"begin", begins[k]}});
    }
    return result.dump(1) + "\n";
}

} // namespace twill::tool

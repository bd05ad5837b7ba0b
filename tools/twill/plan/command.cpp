// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "output.hpp"
#include "plan/outputs.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <memory>
#include <utility>

namespace twill::tool {

namespace {

constexpr int most_cores = 4096;
constexpr double slowest = 1e-6;
constexpr double fastest = 1e6;
constexpr double longest_limit = 1e6; // seconds

constexpr std::array<std::pair<const char*, plan_strategy>, 5> strategies{{
    {"rr", plan_strategy::round_robin},
    {"list", plan_strategy::list},
    {"lpt", plan_strategy::lpt},
    {"multifit", plan_strategy::multifit},
    {"exact", plan_strategy::exact},
}};

struct plan_arguments {
    std::string file;
    std::string strategy = "lpt";
    int cores = 0;
    std::vector<double> speeds;
    std::vector<std::string> kinds; ///< as given
    std::vector<kind_time> times;   ///< what they say, after check()
    std::string profile;
    double time_limit = 10;
    bool json = false;
    std::string svg;
};

int run_plan(const plan_arguments& arguments) {
    std::vector<kind_time> times = arguments.times;
    if (!arguments.profile.empty()) {
        // Behind the given ones: the first of a name counts.
        const std::vector<kind_time> measured = mean_times(arguments.profile);
        times.insert(times.end(), measured.begin(), measured.end());
    }
    planned_input input = read_input(arguments.file, times);
    input.strategy = arguments.strategy;
    const int cores =
        arguments.cores > 0 ? arguments.cores : static_cast<int>(arguments.speeds.size());
    plan_options options{.speeds = arguments.speeds};
    for (const auto& [name, strategy] : strategies) {
        options.strategy = arguments.strategy == name ? strategy : options.strategy;
    }
    options.time_limit = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(arguments.time_limit));
    input.made = make_plan(input.facts, cores, options);
    if (arguments.json) {
        print(plan_as_json(input));
    } else if (arguments.svg == standard_stream) {
        print(plan_as_svg(input));
    } else {
        if (!arguments.svg.empty()) {
            write_file(arguments.svg, plan_as_svg(input));
        }
        print(plan_as_text(input));
    }
    return done;
}

/// What no single option can see, and the times of kinds. Throws CLI::ValidationError.
void check(plan_arguments& arguments) {
    const auto given = static_cast<int>(arguments.speeds.size());
    if (arguments.cores == 0 && given == 0) {
        throw CLI::RequiredError("--cores or --speeds");
    }
    if (arguments.cores != 0 && given != 0 && arguments.cores != given) {
        throw CLI::ValidationError(
            "--speeds",
            fmt::format("expected one for each of {} cores, got {}", arguments.cores, given));
    }
    for (const std::string& text : arguments.kinds) {
        try {
            arguments.times.push_back(parse_kind_time(text));
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError("--kind", error.what());
        }
    }
}

constexpr const char* description =
    "which core is to run which task, so that the last one ends early";

constexpr const char* footer = R"(
FILE has a line `task,time[,kind,priority]` for each task (CSV; a first line with these names may
give another order; # begins a comment), or is a JSON list of objects with these fields, alone or
as "tasks" of an object. Times are of any unit, on a core of speed 1. A task without a time takes
that of its kind: of --kind, else the mean of the tasks of that kind in --profile, in seconds. Of
tasks on one core those of higher priority run first, and those of a kind together.

Strategies, and what they promise on equal cores (OPT: the best makespan there is):
  rr        task i to core i mod m; promises nothing
  list      in the order of FILE, each to the core on which it ends first: (2 - 1/m) OPT
  lpt       the same, the longest first: (4/3 - 1/(3 m)) OPT
  multifit  bins of the smallest size that first fit decreasing can do with: 13/11 OPT
  exact     searches for the best plan and proves it, or says how far off it may be

Examples:
  10 h in three parts, on 3 nodes by round robin: 3.333 h each
    printf '%s,3.3333333\n' a b c | twill plan --cores 3 --strategy rr -
  tasks of 2, 3 and 1 h on 3 nodes: the makespan is C = 3, the work S = 6
    printf 'a,2\nb,3\nc,1\n' | twill plan --cores 3 -
  twill plan --cores 16 --strategy exact --svg plan.svg jobs.csv
  twill record -o run.twl -- ./program && twill plan --cores 8 --profile run.twl jobs.csv
  twill plan --speeds 1,1,0.5,0.5 --kind decode=0.8 --json jobs.json)";

} // namespace

void add_plan(CLI::App& program, chosen_command& chosen) {
    const auto arguments = std::make_shared<plan_arguments>();
    CLI::App* const command = program.add_subcommand("plan", description);
    command->footer(footer);
    std::vector<std::string> names;
    names.reserve(strategies.size());
    for (const auto& [name, strategy] : strategies) {
        names.emplace_back(name);
    }
    command->add_option("FILE", arguments->file, "the tasks; - is standard input")->required();
    command->add_option("--cores", arguments->cores, "how many cores, 1 to 4096")
        ->type_name("M")
        ->check(CLI::Range(1, most_cores).description(""));
    command->add_option("--speeds", arguments->speeds, "the speed of each core, between commas")
        ->type_name("A,B,...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(slowest, fastest).description(""));
    command->add_option("--strategy", arguments->strategy, "rr, list, lpt, multifit or exact")
        ->type_name("NAME")
        ->capture_default_str()
        ->check(CLI::IsMember(names).description(""));
    command
        ->add_option("--kind", arguments->kinds,
                     "the time of tasks of this kind that have none in FILE; for several kinds it "
                     "is given several times")
        ->type_name("NAME=TIME")
        ->allow_extra_args(false);
    command
        ->add_option(
            "--profile", arguments->profile,
            "a profile (.twl) of mode kinds or full: tasks that have no time take the mean "
            "of their kind in it, in seconds; --kind goes first")
        ->type_name("RUN.twl");
    command->add_option("--time-limit", arguments->time_limit, "how long exact may search")
        ->type_name("SECONDS")
        ->capture_default_str()
        ->check(CLI::Range(0.0, longest_limit).description(""));
    CLI::Option* const json = command->add_flag("--json", arguments->json, "print one JSON object");
    command
        ->add_option("--svg", arguments->svg,
                     "draw a Gantt chart into this file too; - prints it in place of the text")
        ->type_name("PICTURE")
        ->excludes(json);
    command->callback([arguments, &chosen] {
        check(*arguments);
        chosen = [arguments] { return run_plan(*arguments); };
    });
}

} // namespace twill::tool

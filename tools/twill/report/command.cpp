// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "output.hpp"
#include "profile/read.hpp"
#include "report/outputs.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <utility>

namespace twill::tool {

namespace {

constexpr int most_rows = 1'000'000;

struct report_arguments {
    std::string file;
    std::string base;
    std::string json;
    report_shape shape;
};

int run_report(const report_arguments& arguments) {
    report_input input;
    input.of = profile::read(arguments.file);
    if (arguments.base.empty()) {
        input.judged = profile::judge(input.of);
    } else {
        const profile::profile base = profile::read(arguments.base);
        input.judged = profile::judge(input.of, &base);
    }
    if (arguments.json == standard_stream) {
        print(report_as_json(input));
        return done;
    }
    if (!arguments.json.empty()) {
        write_file(arguments.json, report_as_json(input));
    }
    print(report_as_text(input, arguments.shape));
    return done;
}

/// `--json run.twl` is a profile to print: the only name there is, is that of the profile.
/// Throws CLI::RequiredError.
void check(report_arguments& arguments, bool as_json) {
    if (as_json && arguments.file.empty() && arguments.json != standard_stream) {
        std::swap(arguments.file, arguments.json);
    }
    if (as_json && arguments.json.empty()) {
        arguments.json = standard_stream;
    }
    if (arguments.file.empty()) {
        throw CLI::RequiredError("FILE");
    }
}

constexpr const char* description = "where the time of a recorded program went, and what to change";

constexpr const char* footer = R"(
The verdict comes first: where the core time went (workers x wall time), the main cause of loss,
what to change, and the predicted gain: what part of the wall time the change saves, with the
formula. Causes:
  serial section          one thread works, by a region's name if it has one
  huge task               one task is longer than a worker's share
  tasks too coarse        the last tasks end at different times
  imbalance               tasks of a kind stay on few workers
  too little parallelism  workers starve inside verbs for another reason
  tasks too fine          a task costs too much against what it does
  blocking in tasks       tasks sleep, in system calls or locks, on their workers
  preemption by others    the kernel runs something else on the cores
  more workers than cores, or than the quota allows
  work inflation          tasks take longer than in --base
  nothing to change       no change is predicted to give 5 % of the wall time

Sections: verdict, accounts, workers, places, threads, runtimes, kinds, regions, responses, figures,
durations, notes. Verdict, accounts and figures are of the runtime that has most in tasks; workers,
places, threads, kinds, regions and durations of the default one; runtimes tells of each other one.
Kinds and regions need a record of mode kinds or full, work and span one of mode full.

Examples:
  twill record -o run.twl -- ./program && twill report run.twl
  twill report --only verdict,kinds run.twl
  twill report --base one_worker.twl eight_workers.twl
  twill report run.twl --json | jq .verdict)";

} // namespace

void add_report(CLI::App& program, chosen_command& chosen) {
    const auto arguments = std::make_shared<report_arguments>();
    CLI::App* const command = program.add_subcommand("report", description);
    command->footer(footer);
    command->add_option("FILE", arguments->file, "a profile (.twl); required");
    CLI::Option* const json =
        command
            ->add_option("--json", arguments->json,
                         "write everything into this file as one JSON object, times as integers in "
                         "nanoseconds; - or nothing prints it in place of the text")
            ->type_name("[OUT]")
            ->expected(0, 1);
    command
        ->add_option("--base", arguments->base,
                     "a profile of the same work, to find work inflation by")
        ->type_name("FILE");
    command
        ->add_option("--only", arguments->shape.only,
                     "print these sections, between commas, and no others")
        ->type_name("SECTION,...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(section_names()).description(""));
    command->add_option("--rows", arguments->shape.rows, "rows of a table at most; 0: all")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(0, most_rows).description(""));
    command->callback([arguments, json, &chosen] {
        check(*arguments, json->count() > 0);
        chosen = [arguments] { return run_report(*arguments); };
    });
}

} // namespace twill::tool

// SPDX-License-Identifier: Apache-2.0
#include "harness/arguments.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bench {
namespace {

constexpr const char* usage =
    "usage: %s [--variant NAME] [--n SIZE] [--workers COUNT]\n"
    "       [--repeat RUNS] [--least-ms MS] [--unit STEPS] [--calibrate] [--variants]\n"
    "prints one line of JSON\n";

[[noreturn]] void refuse(const char* program, const char* what, std::string_view word) {
    std::fprintf(stderr, "%s: %s \"%.*s\"\n", program, what, static_cast<int>(word.size()),
                 word.data());
    std::fprintf(stderr, usage, program);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
    std::exit(2);
}

double number(const char* program, const char* text) {
    char* end = nullptr;
    const double value = std::strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0)) {
        refuse(program, "expected a number that is not negative, got", text);
    }
    return value;
}

} // namespace

arguments parse_arguments(int argc, char** argv) {
    arguments result;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--calibrate") {
            result.calibrate = true;
            continue;
        }
        if (option == "--variants") {
            result.variants = true;
            continue;
        }
        if (i + 1 == argc) {
            refuse(argv[0], "unknown option, or its value is missing:", option);
        }
        const char* value = argv[++i];
        if (option == "--variant") {
            result.variant = value;
        } else if (option == "--n") {
            result.size = static_cast<long>(number(argv[0], value));
        } else if (option == "--workers") {
            result.workers = static_cast<int>(number(argv[0], value));
        } else if (option == "--repeat") {
            result.repeat = static_cast<int>(number(argv[0], value));
        } else if (option == "--least-ms") {
            result.least_ms = number(argv[0], value);
        } else if (option == "--unit") {
            result.unit = number(argv[0], value);
        } else {
            refuse(argv[0], "unknown option", option);
        }
    }
    return result;
}

} // namespace bench

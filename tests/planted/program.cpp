// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include "twill/twill.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace planted {

namespace {

bool read_number(const char* from, std::uint64_t& number) {
    char* end = nullptr;
    errno = 0;
    number = std::strtoull(from, &end, 10);
    return errno == 0 && *from >= '0' && *from <= '9' && *end == '\0';
}

bool read(int argc, char** argv, options& into) {
    for (int at = 1; at < argc; ++at) {
        if (std::strcmp(argv[at], "--fixed") == 0) {
            into.fixed = true;
        } else if (std::strcmp(argv[at], "--seed") == 0 && at + 1 < argc &&
                   read_number(argv[at + 1], into.seed)) {
            ++at;
        } else {
            return false;
        }
    }
    return true;
}

} // namespace

double timed(void (*work)(void*), void* context) {
    twill::parallel_invoke([] {}, [] {}); // starts the runtime, and its recording
    const auto began = std::chrono::steady_clock::now();
    work(context);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::string text(const char* form, ...) {
    char room[512];
    std::va_list arguments;
    va_start(arguments, form);
    std::vsnprintf(room, sizeof room, form, arguments);
    va_end(arguments);
    return room;
}

int run(int argc, char** argv, outcome (*program)(const options&, dice&)) {
    options chosen;
    if (!read(argc, argv, chosen)) {
        std::fprintf(stderr, "usage: %s [--seed N] [--fixed]\n", argv[0]);
        return 2;
    }
    try {
        dice draw(chosen.seed);
        const outcome came = program(chosen, draw);
        std::printf("{\"seed\": %llu, \"fixed\": %s, \"seconds\": %.6f, \"subject\": \"%s\", "
                    "\"right\": %s, \"parameters\": \"%s\"}\n",
                    static_cast<unsigned long long>(chosen.seed), chosen.fixed ? "true" : "false",
                    came.seconds, came.subject.c_str(), came.right ? "true" : "false",
                    came.parameters.c_str());
        if (!came.right) {
            std::fprintf(stderr, "%s: the result is wrong\n", argv[0]);
        }
        return came.right ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return 1;
    }
}

} // namespace planted

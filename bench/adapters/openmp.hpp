// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// OpenMP, on libgomp or on libomp: the same source, and the program says which it was linked to.
/// A FLAT kernel, all of whose loops stand at the top level, gets `parallel for`; any other runs
/// within one parallel region as tasks.

#include "adapters/element.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <initializer_list>
#include <omp.h>

namespace bench::runtime {

#if defined(BENCH_RUNTIME_GOMP)
inline constexpr const char* name = "gomp";
inline constexpr const char* library_file = "libgomp.so.1";
inline constexpr const char* other_library_file = "libomp.so.5";
#else
inline constexpr const char* name = "omp";
inline constexpr const char* library_file = "libomp.so.5";
inline constexpr const char* other_library_file = "libgomp.so.1";
#endif

/// The file that OpenMP's functions are really taken from.
inline const char* library() {
    Dl_info info{};
    void* const function = dlsym(RTLD_DEFAULT, "omp_get_num_threads");
    return function != nullptr && dladdr(function, &info) != 0 ? info.dli_fname : "none";
}

/// libomp offers the functions of libgomp too, and a program that gets both runs on one of them by
/// the order in which they were loaded: then it is not measured.
inline void require_library() {
    const char* const found = library();
    const char* const slash = std::strrchr(found, '/');
    const bool right = std::strcmp(slash != nullptr ? slash + 1 : found, library_file) == 0;
    if (!right || dlopen(other_library_file, RTLD_LAZY | RTLD_NOLOAD) != nullptr) {
        std::fprintf(stderr, "%s: expected OpenMP from %s and no %s beside it, got it from %s\n",
                     name, library_file, other_library_file, found);
        // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
        std::exit(2);
    }
}

struct session {
    explicit session(int workers) {
        require_library();
        omp_set_dynamic(0);
        if (workers > 0) {
            omp_set_num_threads(workers);
        }
        // libgomp gives out single elements where nothing is chosen. What both do with a loop that
        // names no schedule is the better default.
        // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started
        if (std::getenv("OMP_SCHEDULE") == nullptr) {
            omp_set_schedule(omp_sched_static, 0);
        }
    }
};
inline int workers(int /*asked*/) { return omp_get_max_threads(); }

template <class Body>
void within(const Body& body) {
    body();
}

struct counters {};
inline counters read_counters() { return {}; }
inline void print_counters(const counters& /*before*/, const counters& /*after*/) {
    std::printf("\"library\": \"%s\"", library());
    for (const char* variable : {"OMP_PROC_BIND", "OMP_WAIT_POLICY", "OMP_SCHEDULE"}) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets a variable
        const char* const value = std::getenv(variable);
        std::printf(", \"%s\": \"%s\"", variable, value != nullptr ? value : "");
    }
}

} // namespace bench::runtime

#if defined(BENCH_FLAT)
#include "adapters/openmp_loops.hpp"
#else
#include "adapters/openmp_tasks.hpp"
#endif

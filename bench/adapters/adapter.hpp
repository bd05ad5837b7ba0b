// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// The one place where a kernel meets a runtime. Exactly one BENCH_RUNTIME_... is defined for each
/// executable; each adapter defines the same names in bench::runtime.

#if defined(BENCH_RUNTIME_SERIAL)
#include "adapters/serial.hpp"
#elif defined(BENCH_RUNTIME_TWILL)
#include "adapters/twill.hpp"
#elif defined(BENCH_RUNTIME_TBB)
#include "adapters/tbb.hpp"
#elif defined(BENCH_RUNTIME_GOMP) || defined(BENCH_RUNTIME_OMP)
#include "adapters/openmp.hpp"
#else
#error "define one of BENCH_RUNTIME_SERIAL, ..._TWILL, ..._TBB, ..._GOMP, ..._OMP"
#endif

/// Before a recursive function: the serial one is kept from inlining into itself, so that it makes
/// the calls that its text says. The best serial one, and those of the runtimes, are what the
/// compiler makes of them.
#if defined(BENCH_RUNTIME_SERIAL) && !defined(BENCH_SERIAL_BEST)
#define BENCH_RECURSIVE [[gnu::noinline]]
#else
#define BENCH_RECURSIVE
#endif

/// The same for a recursive function whose branches cost more where it stands at several places: it
/// is one function in every program but the best serial one.
#if !defined(BENCH_SERIAL_BEST)
#define BENCH_RECURSIVE_EVERYWHERE [[gnu::noinline]]
#else
#define BENCH_RECURSIVE_EVERYWHERE
#endif

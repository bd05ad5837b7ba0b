// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// BENCH_INDEPENDENT before a loop promises that no iteration reads what another one writes, so
/// that it can be made of vector instructions. The compilers cannot see it where a loop goes
/// through more arrays than they are willing to compare.

#if defined(__clang__)
#define BENCH_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define BENCH_INDEPENDENT _Pragma("GCC ivdep")
#endif

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Moves the code of the file that includes it first by BENCH_PADDING bytes. Where a hot function
/// begins within a cache line moves its speed by up to a fifth; the fork kernels are therefore
/// built at four places and the suite takes its medians over all of them.

#if defined(BENCH_PADDING) && BENCH_PADDING > 0
#define BENCH_TEXT_OF(number) #number
#define BENCH_TEXT(number) BENCH_TEXT_OF(number)
asm(".text\n\t.balign 64\n\t.skip " BENCH_TEXT(BENCH_PADDING) ", 0x90");
#endif

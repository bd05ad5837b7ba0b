// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Names and attributes that every header of Twill uses.

#if __cplusplus < 202002L
#error twill needs C++20: compile with -std=c++20 or later
#endif

/// The ABI number: the inline namespace `abi_1` carries it, and so does the name of the symbol
/// `twill_abi_1` that every program that uses a verb refers to. The fast paths are compiled into
/// programs, so a program and a library of different numbers must not link.
#define TWILL_ABI 1

/// A symbol that libtwill exports; everything else is hidden.
#define TWILL_API [[gnu::visibility("default")]]

/// The cold twin of a fast path: out of line and out of the way.
#define TWILL_COLD [[gnu::cold, gnu::noinline]]

/// What is compiled into libtwill and yet called often.
#define TWILL_APART [[gnu::noinline]]

/// A fast path: part of its caller whatever the compiler thinks of its size.
#define TWILL_INLINE [[gnu::always_inline]] inline

#if defined(__cpp_exceptions)
#define TWILL_TRY try
#define TWILL_CATCH_ALL catch (...)
#else
#define TWILL_TRY if constexpr (true)
#define TWILL_CATCH_ALL else
#endif

// SPDX-License-Identifier: Apache-2.0
#include "simulator/fiber.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

#if defined(__x86_64__)
// Saves what a call must preserve, and the stack pointer in *rdi; goes on at the one in rsi.
asm(R"(
        .text
        .globl twill_model_change
        .type twill_model_change, @function
twill_model_change:
        pushq %rbp
        pushq %rbx
        pushq %r12
        pushq %r13
        pushq %r14
        pushq %r15
        movq %rsp, (%rdi)
        movq %rsi, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rbx
        popq %rbp
        ret
        .size twill_model_change, . - twill_model_change
)");
extern "C" void twill_model_change(void** from, void* to) noexcept;
#endif

namespace twill::model {
namespace {

constexpr std::size_t guard_size = 4096;

// Stacks stay for the life of the process, so that a frame has the same address in each execution.
std::uintptr_t map_stack() {
    void* area = mmap(nullptr, fiber::stack_size + guard_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (area == MAP_FAILED || mprotect(area, guard_size, PROT_NONE) != 0) {
        std::perror("model: no memory for a stack");
        std::exit(2);
    }
    return reinterpret_cast<std::uintptr_t>(area) + guard_size;
}

} // namespace

void fiber::start(void (*entry)()) {
    if (low_ == 0) {
        low_ = map_stack();
    }
#if defined(__x86_64__)
    // As if `entry` had been called from nowhere: a return address, then the registers above.
    auto* top = reinterpret_cast<std::uintptr_t*>(high());
    *--top = 0;
    *--top = reinterpret_cast<std::uintptr_t>(entry);
    for (int saved = 0; saved < 6; ++saved) {
        *--top = 0;
    }
    stack_pointer_ = top;
#else
    getcontext(&context_);
    context_.uc_stack.ss_sp = reinterpret_cast<void*>(low_);
    context_.uc_stack.ss_size = stack_size;
    context_.uc_link = nullptr;
    makecontext(&context_, entry, 0);
#endif
}

void fiber::change(fiber& from, fiber& to) noexcept {
#if defined(__x86_64__)
    twill_model_change(&from.stack_pointer_, to.stack_pointer_);
#else
    swapcontext(&from.context_, &to.context_);
#endif
}

} // namespace twill::model

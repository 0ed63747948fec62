// Stacks, and switching from one to another. ucontext by default; with -DWEFT_FIBERS_ASM on x86-64 a few instructions
// that do without ucontext's system call per switch.
#ifndef WEFT_SIM_CONTEXT_H
#define WEFT_SIM_CONTEXT_H

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fail.h"

#if defined(WEFT_FIBERS_ASM) && !(defined(__x86_64__) && defined(__linux__))
#undef WEFT_FIBERS_ASM
#endif
#ifndef WEFT_FIBERS_ASM
#include <ucontext.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_SIM_ASAN 1
#endif
#endif
#ifdef WEFT_SIM_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/// Bytes of stack per process; committed only as far as they are used. Twice what a main program usually has.
#ifndef WEFT_STACK_BYTES
#define WEFT_STACK_BYTES (std::size_t(16) << 20)
#endif

namespace weft_sim {

/// Stacks of finished processes are used again. An overflow hits an inaccessible page instead of somebody's data.
class stack_pool {
 public:
  static constexpr std::size_t guard = 4096;

  /// The lowest usable byte of WEFT_STACK_BYTES.
  char* acquire() {
    if (!free_.empty()) {
      char* const stack = free_.back();
      free_.pop_back();
      return stack;
    }
    void* const area = mmap(nullptr, guard + WEFT_STACK_BYTES, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED || mprotect(area, guard, PROT_NONE) != 0) {
      fail(bad_value, "no memory for the stack of a process; -DWEFT_STACK_BYTES= makes stacks smaller");
    }
    return static_cast<char*>(area) + guard;
  }
  void release(char* stack) { free_.push_back(stack); }

 private:
  std::vector<char*> free_;
};

#ifdef WEFT_FIBERS_ASM
/// Pushes the registers that a called function keeps, stores the stack pointer in *save, goes on with that of `load`.
__attribute__((naked, noinline)) inline void swap_stack_pointer(void** /*save*/, void* /*load*/) {
  __asm__ volatile(
      "pushq %rbp\n\tpushq %rbx\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n\t"
      "movq %rsp, (%rdi)\n\tmovq %rsi, %rsp\n\t"
      "popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbx\n\tpopq %rbp\n\tret");
}
#endif

/// An interrupted computation. Default-constructed it is that of the main program.
class context {
 public:
  /// Prepares a run of `entry`, which must never return, on this stack.
  void prepare(char* stack, void (*entry)()) {
    stack_ = stack;
    stack_bytes_ = WEFT_STACK_BYTES;
#ifdef WEFT_FIBERS_ASM
    // As if `entry` had been called: a return address on top, a multiple of 16 below the end, then six registers.
    void** top = reinterpret_cast<void**>(stack + WEFT_STACK_BYTES) - 2;
    top[0] = reinterpret_cast<void*>(entry);
    top[1] = nullptr;
    for (int i = 1; i <= 6; ++i) top[-i] = nullptr;
    pointer_ = top - 6;
#else
    getcontext(&saved_);
    saved_.uc_stack.ss_sp = stack;
    saved_.uc_stack.ss_size = WEFT_STACK_BYTES;
    saved_.uc_link = nullptr;
    makecontext(&saved_, entry, 0);
#endif
  }

  /// Interrupts this computation, which is the running one, and continues `other`. `last`: it will not be continued.
  void switch_to(context& other, bool last = false) {
#ifdef WEFT_SIM_ASAN
    __sanitizer_start_switch_fiber(last ? nullptr : &shadow_, other.stack_, other.stack_bytes_);
    previous() = this;
#else
    (void)last;
#endif
#ifdef WEFT_FIBERS_ASM
    swap_stack_pointer(&pointer_, other.pointer_);
#else
    swapcontext(&saved_, &other.saved_);
#endif
    arrived();
  }

  /// To be called first thing on a stack that has just been switched to.
  void arrived() {
#ifdef WEFT_SIM_ASAN
    // The main program's stack becomes known when it is left for the first time.
    __sanitizer_finish_switch_fiber(shadow_, &previous()->stack_, &previous()->stack_bytes_);
#endif
  }

 private:
#ifdef WEFT_SIM_ASAN
  static context*& previous() {
    static context* left = nullptr;
    return left;
  }
  void* shadow_ = nullptr;
#endif
#ifdef WEFT_FIBERS_ASM
  void* pointer_ = nullptr;
#else
  ucontext_t saved_;
#endif
  const void* stack_ = nullptr;
  std::size_t stack_bytes_ = 0;
};

}  // namespace weft_sim

#endif

#include "tests/simulation/fiber.h"

#include <cxxabi.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "platform/check/check.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace simulation {
namespace {

constexpr std::size_t kStackBytes = std::size_t{256} << 10;
constexpr std::size_t kGuardBytes = std::size_t{4} << 10;

// Stacks that are free, kept for the next fibers: a simulation needs thousands.
class Stacks {
 public:
  Stacks() = default;
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;
  ~Stacks() {
    for (void* stack : free_) munmap(stack, kStackBytes);
  }

  void* Take() {
    if (!free_.empty()) {
      void* stack = free_.back();
      free_.pop_back();
      return stack;
    }
    void* stack =
        mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(stack != MAP_FAILED);
    CHECK(mprotect(stack, kGuardBytes, PROT_NONE) == 0);
    return stack;
  }
  void GiveBack(void* stack) { free_.push_back(stack); }

 private:
  std::vector<void*> free_;
};

thread_local Stacks stacks;

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {}

Fiber::~Fiber() { CHECK(done_ || stack_ == nullptr); }

void Fiber::Resume() {
  CHECK(!done_);
  auto* const thread = reinterpret_cast<Exceptions*>(abi::__cxa_get_globals());
  const Exceptions outside = std::exchange(*thread, exceptions_);
  if (stack_ == nullptr) {
    Start();
  } else {
    ResumeStarted();
  }
  exceptions_ = std::exchange(*thread, outside);
  if (!done_) return;
  stacks.GiveBack(std::exchange(stack_, nullptr));
  body_ = nullptr;
}

void Fiber::ResumeStarted() {
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_, kStackBytes);
#endif
  if (sigsetjmp(outside_, 0) == 0) siglongjmp(inside_, 1);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void Fiber::Suspend() {
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, outside_stack_, outside_stack_bytes_);
#endif
  if (sigsetjmp(inside_, 0) == 0) siglongjmp(outside_, 1);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack, &outside_stack_, &outside_stack_bytes_);
#endif
}

// makecontext gives the stack; later changes need no system call.
void Fiber::Start() {
  stack_ = stacks.Take();
  ucontext_t context;
  CHECK(getcontext(&context) == 0);
  context.uc_stack.ss_sp = stack_;
  context.uc_stack.ss_size = kStackBytes;
  context.uc_link = nullptr;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&context, reinterpret_cast<void (*)()>(&Fiber::Enter), 2,
              static_cast<unsigned int>(self >> 32), static_cast<unsigned int>(self));
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_, kStackBytes);
#endif
  if (sigsetjmp(outside_, 0) == 0) setcontext(&context);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void Fiber::Enter(unsigned int high, unsigned int low) {
  reinterpret_cast<Fiber*>((std::uintptr_t{high} << 32) | low)->Run();
}

void Fiber::Run() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &outside_stack_, &outside_stack_bytes_);
#endif
  body_();
  done_ = true;
#if defined(__SANITIZE_ADDRESS__)
  // Null: this stack is not come back to.
  __sanitizer_start_switch_fiber(nullptr, outside_stack_, outside_stack_bytes_);
#endif
  siglongjmp(outside_, 1);
}

}  // namespace simulation

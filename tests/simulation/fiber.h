#ifndef TESTS_SIMULATION_FIBER_H_
#define TESTS_SIMULATION_FIBER_H_

#include <csetjmp>
#include <cstddef>
#include <functional>

namespace simulation {

// A body with a stack of its own, run step by step on the thread that resumes it.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  // Requires: never resumed, or done.
  ~Fiber();

  // Runs the body from where it was, until it suspends itself or ends.
  void Resume();
  // For the body.
  void Suspend();

  bool done() const { return done_; }

 private:
  // What the C++ runtime keeps per thread of exceptions under way, and each fiber
  // has for itself.
  struct Exceptions {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };

  static void Enter(unsigned int high, unsigned int low);
  void Start();
  void ResumeStarted();
  void Run();

  std::function<void()> body_;
  void* stack_ = nullptr;
  bool done_ = false;
  Exceptions exceptions_;
  sigjmp_buf inside_;
  sigjmp_buf outside_;
  // For AddressSanitizer, which must know of every change of stacks.
  const void* outside_stack_ = nullptr;
  std::size_t outside_stack_bytes_ = 0;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_FIBER_H_

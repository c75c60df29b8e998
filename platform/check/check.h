#ifndef PLATFORM_CHECK_CHECK_H_
#define PLATFORM_CHECK_CHECK_H_

namespace check {

// Prints where and what failed on stderr and aborts. Never returns.
[[noreturn]] void Fail(const char* file, int line, const char* condition);

}  // namespace check

// States what the callers of a function promised. Stays on in release builds:
// a broken promise ends the process before it can write anything wrong.
#define CHECK(condition)                             \
  do {                                               \
    if (!(condition)) [[unlikely]] {                 \
      ::check::Fail(__FILE__, __LINE__, #condition); \
    }                                                \
  } while (false)

#endif  // PLATFORM_CHECK_CHECK_H_

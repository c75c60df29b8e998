#include "platform/check/check.h"

#include <cstdio>
#include <cstdlib>

namespace check {

void Fail(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace check

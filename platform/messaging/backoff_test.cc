#include "platform/messaging/backoff.h"

#include <gtest/gtest.h>

namespace messaging {
namespace {

TEST(BackoffTest, WaitsDoubleUpToTheMaximumAndStartAnewAfterReset) {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(300));
  for (const absl::Duration limit : {absl::Milliseconds(100), absl::Milliseconds(200),
                                     absl::Milliseconds(300), absl::Milliseconds(300)}) {
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, limit / 2);
    EXPECT_LE(wait, limit);
  }
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(100));
}

}  // namespace
}  // namespace messaging

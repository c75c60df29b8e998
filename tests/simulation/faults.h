#ifndef TESTS_SIMULATION_FAULTS_H_
#define TESTS_SIMULATION_FAULTS_H_

#include <cstddef>

#include "absl/time/time.h"

namespace simulation {

// How far a wall clock is off at most, either way.
inline constexpr absl::Duration kClockSkewMax = absl::Minutes(10);

// How often the world fails by itself, in thousandths. All zero: never.
struct Faults {
  // A link to a database breaks on the way there, on the way back, or while the
  // server commits.
  std::size_t database_link = 0;
  // A statement is refused for a reason that may pass.
  std::size_t database_error = 0;
  // A server takes seconds to answer.
  std::size_t database_slow = 0;
  // A link to the broker breaks at a call.
  std::size_t broker_link = 0;
  // The broker refuses a message (basic.nack).
  std::size_t broker_nack = 0;
  // A process dies at a failpoint.
  std::size_t kill = 0;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_FAULTS_H_

#ifndef TESTS_SIMULATION_DICE_H_
#define TESTS_SIMULATION_DICE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace simulation {

// All chance of a simulation: the same seed throws the same for ever, on every
// machine (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Bits() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 .. end - 1.
  std::size_t Below(std::size_t end) { return static_cast<std::size_t>(Bits() % end); }
  // True `percent` times out of a hundred.
  bool Percent(std::size_t percent) { return Below(100) < percent; }
  bool Permille(std::size_t permille) { return Below(1000) < permille; }
  absl::Duration Between(absl::Duration min, absl::Duration max) {
    const auto micros = static_cast<std::size_t>(absl::ToInt64Microseconds(max - min));
    return min + absl::Microseconds(static_cast<std::int64_t>(Below(micros + 1)));
  }
  template <typename T>
  T& Pick(std::vector<T>& from) {
    return from[Below(from.size())];
  }
  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[Below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_DICE_H_

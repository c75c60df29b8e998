#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "platform/check/check.h"
#include "platform/observability/log.h"
#include "tests/simulation/world.h"

namespace simulation {
namespace {

// As many as a test run has time for.
constexpr std::uint64_t kSeeds = 5000;

// A number of the environment, or `fallback`.
std::uint64_t Setting(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  if (text == nullptr) return fallback;
  std::uint64_t number = 0;
  CHECK(absl::SimpleAtoi(text, &number));
  return number;
}

std::uint64_t current_seed = 0;

// A failed CHECK ends the process: say at least where to look.
void SayWhichSeed(int /*signal*/) {
  std::fprintf(stderr, "while playing SIM_SEED=%llu\n",
               static_cast<unsigned long long>(current_seed));
}

std::vector<std::string> Play(std::uint64_t seed, bool tracing) {
  current_seed = seed;
  return World(seed, tracing).Run();
}

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() {
    // What goes wrong on purpose is no news.
    observability::StartLogging("simulation", "error");
    std::signal(SIGABRT, SayWhichSeed);
  }
  ~SimulationTest() override { std::signal(SIGABRT, SIG_DFL); }
};

TEST_F(SimulationTest, AllHoldsWhateverBreaks) {
  if (std::getenv("SIM_SEED") != nullptr) {
    const std::uint64_t seed = Setting("SIM_SEED", 0);
    EXPECT_EQ(absl::StrJoin(Play(seed, true), "\n"), "");
    return;
  }
  const std::uint64_t seeds = Setting("SIM_SEEDS", kSeeds);
  const std::uint64_t first = Setting("SIM_FIRST_SEED", 1);
  const absl::Time start = absl::Now();
  std::uint64_t failed = 0;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const std::vector<std::string> violations = Play(seed, false);
    if (violations.empty()) continue;
    ADD_FAILURE() << "SIM_SEED=" << seed << ": " << violations.front();
    if (++failed == 10) break;
  }
  std::printf("%llu seeds, %.0f a second\n", static_cast<unsigned long long>(seeds),
              static_cast<double>(seeds) / absl::ToDoubleSeconds(absl::Now() - start));
  for (const auto& [kind, count] : Scheduler::Counts()) {
    std::printf("%10llu %s\n", static_cast<unsigned long long>(count), std::string(kind).c_str());
  }
}

TEST_F(SimulationTest, TheSameSeedTellsTheSameStory) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World one(seed, false);
    one.Run();
    const std::uint64_t digest = one.digest();
    World two(seed, false);
    two.Run();
    EXPECT_EQ(digest, two.digest()) << seed;
  }
}

}  // namespace
}  // namespace simulation

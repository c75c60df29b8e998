#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
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

thread_local std::uint64_t current_seed = 0;

// A failed CHECK ends the process: say at least where to look.
void SayWhichSeed(int /*signal*/) {
  std::fprintf(stderr, "while playing SIM_SEED=%llu\n",
               static_cast<unsigned long long>(current_seed));
}

// Plays seeds on every core, each story on one thread.
class Players {
 public:
  // Stories that fail, before no more are played.
  static constexpr std::size_t kFailuresMax = 10;

  void Play(std::uint64_t first, std::uint64_t seeds) {
    next_ = first;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < cores; ++i) {
      threads.emplace_back([this, end = first + seeds] {
        for (std::uint64_t seed = next_++; seed < end; seed = next_++) PlayOne(seed);
      });
    }
  }

  // Fewer than asked for where too many fail.
  std::uint64_t played() const { return played_; }
  // What did not hold, by seed.
  const std::map<std::uint64_t, std::string>& failures() const { return failures_; }
  const std::map<std::string_view, std::uint64_t>& counts() const { return counts_; }

 private:
  void PlayOne(std::uint64_t seed) {
    current_seed = seed;
    World world(seed, false);
    const std::vector<std::string> violations = world.Run();
    const std::lock_guard lock(mutex_);
    ++played_;
    for (const auto& [kind, count] : world.counts()) counts_[kind] += count;
    if (violations.empty()) return;
    failures_.emplace(seed, violations.front());
    if (failures_.size() == kFailuresMax) next_ = std::numeric_limits<std::uint64_t>::max() / 2;
  }

  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;
  std::uint64_t played_ = 0;
  std::map<std::uint64_t, std::string> failures_;
  std::map<std::string_view, std::uint64_t> counts_;
};

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
    current_seed = Setting("SIM_SEED", 0);
    EXPECT_EQ(absl::StrJoin(World(current_seed, true).Run(), "\n"), "");
    return;
  }
  const absl::Time start = absl::Now();
  Players players;
  players.Play(Setting("SIM_FIRST_SEED", 1), Setting("SIM_SEEDS", kSeeds));
  for (const auto& [seed, violation] : players.failures()) {
    ADD_FAILURE() << "SIM_SEED=" << seed << ": " << violation;
  }
  std::printf("%llu seeds, %.0f a second\n", static_cast<unsigned long long>(players.played()),
              static_cast<double>(players.played()) / absl::ToDoubleSeconds(absl::Now() - start));
  for (const auto& [kind, count] : players.counts()) {
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

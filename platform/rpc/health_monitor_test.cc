#include "platform/rpc/health_monitor.h"

#include <map>
#include <string>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

namespace rpc {
namespace {

using Need = HealthMonitor::Need;

// What the monitor reported last, and the state of two dependencies.
class World {
 public:
  void Set(bool database, bool broker) {
    const absl::MutexLock lock(&mutex_);
    database_ = database;
    broker_ = broker;
  }

  bool AwaitReport(const std::string& name, bool serving) {
    const absl::MutexLock lock(&mutex_);
    const auto is_so = [&] {
      const auto at = reported_.find(name);
      return at != reported_.end() && at->second == serving;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&is_so), absl::Seconds(10));
  }

  HealthMonitor Monitor() {
    return HealthMonitor({{"database", Need::kRequired, [this] { return Read(database_); }},
                          {"broker", Need::kOptional, [this] { return Read(broker_); }}},
                         absl::Milliseconds(1), [this](const std::string& name, bool serving) {
                           const absl::MutexLock lock(&mutex_);
                           reported_[name] = serving;
                         });
  }

 private:
  bool Read(const bool& state) {
    const absl::MutexLock lock(&mutex_);
    return state;
  }

  absl::Mutex mutex_;
  bool database_ = true;
  bool broker_ = true;
  std::map<std::string, bool> reported_;
};

TEST(HealthMonitorTest, ServesWhileAllIsWell) {
  World world;
  HealthMonitor monitor = world.Monitor();
  monitor.Start();
  EXPECT_TRUE(world.AwaitReport("database", true));
  EXPECT_TRUE(world.AwaitReport("broker", true));
  EXPECT_TRUE(world.AwaitReport("", true));
}

TEST(HealthMonitorTest, FollowsARequiredDependency) {
  World world;
  world.Set(false, true);
  HealthMonitor monitor = world.Monitor();
  monitor.Start();
  EXPECT_TRUE(world.AwaitReport("database", false));
  EXPECT_TRUE(world.AwaitReport("", false));
  world.Set(true, true);
  EXPECT_TRUE(world.AwaitReport("database", true));
  EXPECT_TRUE(world.AwaitReport("", true));
}

TEST(HealthMonitorTest, ServesWithoutAnOptionalDependency) {
  World world;
  world.Set(true, false);
  HealthMonitor monitor = world.Monitor();
  monitor.Start();
  EXPECT_TRUE(world.AwaitReport("broker", false));
  EXPECT_TRUE(world.AwaitReport("", true));
}

TEST(HealthMonitorTest, StopsTwiceAndWithoutStart) {
  World world;
  HealthMonitor monitor = world.Monitor();
  monitor.Stop();
  monitor.Stop();
}

}  // namespace
}  // namespace rpc

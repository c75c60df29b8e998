#include "platform/rpc/health_monitor.h"

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "gtest/gtest.h"

namespace rpc {
namespace {

using Need = HealthMonitor::Need;

// What the monitor reported last, and the state of two dependencies.
class World {
 public:
  void Set(bool database, bool broker) {
    const std::lock_guard lock(mutex_);
    database_ = database;
    broker_ = broker;
  }

  bool AwaitReport(const std::string& name, bool serving) {
    std::unique_lock lock(mutex_);
    const auto is_so = [&] {
      const auto at = reported_.find(name);
      return at != reported_.end() && at->second == serving;
    };
    return changed_.wait_for(lock, std::chrono::seconds(10), is_so);
  }

  HealthMonitor Monitor() {
    return HealthMonitor({{"database", Need::kRequired, [this] { return Read(database_); }},
                          {"broker", Need::kOptional, [this] { return Read(broker_); }}},
                         absl::Milliseconds(1), [this](const std::string& name, bool serving) {
                           const std::lock_guard lock(mutex_);
                           reported_[name] = serving;
                           changed_.notify_all();
                         });
  }

 private:
  bool Read(const bool& state) {
    const std::lock_guard lock(mutex_);
    return state;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
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

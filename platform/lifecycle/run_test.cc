#include "platform/lifecycle/run.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lifecycle {
namespace {

using ::testing::ElementsAre;

class Recorded final : public Service {
 public:
  Recorded(std::string name, std::vector<std::string>& record)
      : name_(std::move(name)), record_(record) {}
  void Start() override { record_.push_back("start " + name_); }
  void Stop() override { record_.push_back("stop " + name_); }

 private:
  const std::string name_;
  std::vector<std::string>& record_;
};

class NeverStops final : public Service {
 public:
  void Start() override {}
  void Stop() override { std::promise<void>().get_future().wait(); }
};

// A blocked signal stays pending until RunUntilSignalled takes it.
void SignalBeforehand(int signal) {
  BlockSignals();
  ASSERT_EQ(kill(getpid(), signal), 0);
}

TEST(RunUntilSignalledTest, StartsInOrderAndStopsInReverse) {
  for (const int signal : {SIGTERM, SIGINT}) {
    SignalBeforehand(signal);
    std::vector<std::string> record;
    Recorded pool("pool", record);
    Recorded server("server", record);
    Service* const services[] = {&pool, &server};
    EXPECT_EQ(RunUntilSignalled(services, absl::Seconds(10)), EXIT_SUCCESS);
    EXPECT_THAT(record, ElementsAre("start pool", "start server", "stop server", "stop pool"));
  }
}

TEST(RunUntilSignalledTest, WaitsForTheSignal) {
  BlockSignals();
  std::vector<std::string> record;
  Recorded service("it", record);
  Service* const services[] = {&service};
  std::thread sender;
  class Sender final : public Service {
   public:
    explicit Sender(std::thread& thread) : thread_(thread) {}
    void Start() override {
      thread_ = std::thread([] { kill(getpid(), SIGTERM); });
    }
    void Stop() override { thread_.join(); }

   private:
    std::thread& thread_;
  } signaller(sender);
  Service* const both[] = {services[0], &signaller};
  EXPECT_EQ(RunUntilSignalled(both, absl::Seconds(10)), EXIT_SUCCESS);
  EXPECT_THAT(record, ElementsAre("start it", "stop it"));
}

TEST(RunUntilSignalledTest, AWriteToAClosedLinkIsNoSignal) {
  BlockSignals();
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  close(ends[1]);
}

TEST(RunUntilSignalledDeathTest, AStopThatHangsEndsTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  NeverStops service;
  Service* const services[] = {&service};
  const auto run = [&] {
    SignalBeforehand(SIGTERM);
    RunUntilSignalled(services, absl::Milliseconds(50));
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(EXIT_FAILURE), "stop took too long");
}

}  // namespace
}  // namespace lifecycle

#include "orders/jobs/sweeper.h"

#include <atomic>
#include <functional>

#include "platform/observability/metrics.h"
#include "tests/integration/orders/lost_orders.h"

namespace orders {
namespace {

class SweeperTest : public LostOrdersTest {
 protected:
  // False if it takes longer than a test may wait.
  static bool Eventually(const std::function<bool()>& done) {
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (!done()) {
      if (absl::Now() > until) return false;
    }
    return true;
  }

  static double SweptInAll() {
    return observability::NewCounter("orders_swept_total",
                                     "Overdue orders whose payment was requested again")
        .Value();
  }

  std::atomic<bool> broker_is_there_{true};
  std::atomic<int> passes_{0};
  std::atomic<std::size_t> handed_over_{0};
  const messaging::Outbox outbox_{
      [this](std::vector<messaging::OutboxMessage> messages) { handed_over_ += messages.size(); }};
  const double swept_before_ = SweptInAll();
  Sweeper sweeper_{pool_, {.interval = absl::Milliseconds(10), .pass = {}}, outbox_, [this] {
                     ++passes_;
                     return broker_is_there_.load();
                   }};
};

TEST_F(SweeperTest, RequestsThePaymentOfALostOrderAndHandsItOver) {
  const Order order = LoseOne(absl::Minutes(20));
  sweeper_.Start();
  EXPECT_TRUE(Eventually([&] { return handed_over_ == 1; }));
  sweeper_.Stop();
  EXPECT_EQ(EventsOf(order.id), 1);
  EXPECT_EQ(SweptInAll() - swept_before_, 1);
}

TEST_F(SweeperTest, IsIdleWhileTheBrokerIsAway) {
  const Order order = LoseOne(absl::Minutes(20));
  broker_is_there_ = false;
  sweeper_.Start();
  EXPECT_TRUE(Eventually([&] { return passes_ >= 3; }));
  EXPECT_EQ(EventsOf(order.id), 0);
  broker_is_there_ = true;
  EXPECT_TRUE(Eventually([&] { return EventsOf(order.id) == 1; }));
  sweeper_.Stop();
}

}  // namespace
}  // namespace orders

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

#include "tests/integration/payments/payments_database.h"

namespace payments {
namespace {

class ChargeRaceTest : public PaymentsDatabaseTest {
 protected:
  // Each consumer delivers every order, some twice, in an order of its own and
  // under message ids of its own, in batches.
  void Deliver(const std::vector<ChargeOrderCommand>& orders, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<ChargeOrderCommand> deliveries = orders;
    deliveries.insert(deliveries.end(), orders.begin(), orders.begin() + 30);
    std::shuffle(deliveries.begin(), deliveries.end(), random);
    for (std::size_t i = 0; i < deliveries.size(); i += 10) {
      std::vector<ChargeOrderCommand> batch;
      for (std::size_t j = i; j < std::min(i + 10, deliveries.size()); ++j) {
        batch.push_back(UnderNewMessageId(deliveries[j]));
      }
      Charge(batch);
    }
  }

  std::vector<ChargeOrderCommand> NewBatch() const {
    std::vector<ChargeOrderCommand> batch;
    for (int i = 0; i < kEvents; ++i) batch.push_back(NewCharge(100));
    return batch;
  }

  // Two consumers, of which neither may need a second try: one would hide a
  // deadlock, or a decision that only the primary key refused.
  void ChargeTogether(const std::vector<ChargeOrderCommand>& one,
                      const std::vector<ChargeOrderCommand>& other) {
    const auto charge = [&](const std::vector<ChargeOrderCommand>& commands) {
      const absl::Status end =
          pg::RunAgainUntilKnown(pool_,
                                 [&](pg::Tx& tx) {
                                   ChargeOrders(tx, commands, Now(), messaging::Outbox());
                                   return absl::OkStatus();
                                 },
                                 {.attempts_max = 1});
      EXPECT_TRUE(end.ok()) << end;
    };
    std::thread beside([&] { charge(other); });
    charge(one);
    beside.join();
  }

  static constexpr int kRounds = 30;
  static constexpr int kEvents = 300;
};

TEST_F(ChargeRaceTest, FourConsumersWithTheSameOrdersChargeEachOnce) {
  constexpr int kOrders = 120;
  constexpr int kPaidFor = 50;
  OpenWith(kPaidFor * 100);
  std::vector<ChargeOrderCommand> orders;
  for (int i = 0; i < kOrders; ++i) orders.push_back(NewCharge(100));

  std::vector<std::thread> consumers;
  for (unsigned seed = 0; seed < 4; ++seed) {
    consumers.emplace_back([this, &orders, seed] { Deliver(orders, seed); });
  }
  for (std::thread& consumer : consumers) consumer.join();

  const auto declined = std::count_if(orders.begin(), orders.end(), [&](const auto& order) {
    return PaymentOf(order).declined.has_value();
  });
  EXPECT_EQ(declined, kOrders - kPaidFor);
  EXPECT_EQ(Balance(), 0);

  // One charge an order, and a chain without a gap.
  std::vector<LedgerEntry> ledger = Ledger();
  ASSERT_EQ(ledger.size(), 1U + kPaidFor);
  std::reverse(ledger.begin(), ledger.end());
  for (std::size_t i = 0; i < ledger.size(); ++i) {
    EXPECT_EQ(ledger[i].number, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(ledger[i].balance_after, Cents(kPaidFor * 100 - static_cast<std::int64_t>(i) * 100));
  }
}

// There is no account to lock: the primary key alone stands between two consumers.
TEST_F(ChargeRaceTest, OrdersOfAUserWithoutAnAccountAreDecidedOnce) {
  std::vector<ChargeOrderCommand> orders;
  for (int i = 0; i < 120; ++i) orders.push_back(NewCharge(100));

  std::vector<std::thread> consumers;
  for (unsigned seed = 0; seed < 4; ++seed) {
    consumers.emplace_back([this, &orders, seed] { Deliver(orders, seed); });
  }
  for (std::thread& consumer : consumers) consumer.join();

  EXPECT_EQ(Decisions(), 120);
}

// Redelivered to another consumer while the first still holds the batch.
TEST_F(ChargeRaceTest, TheSameEventsInOppositeOrdersNeverDeadlock) {
  OpenWith(1);
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<ChargeOrderCommand> batch = NewBatch();
    ChargeTogether(batch, {batch.rbegin(), batch.rend()});
  }
  EXPECT_EQ(Decisions(), kRounds * kEvents);
}

// Requested again while the first request is being decided: whoever has waited for the
// account sees the decisions that were taken meanwhile.
TEST_F(ChargeRaceTest, TheSameOrdersUnderOtherEventsAreNeverDecidedTwice) {
  OpenWith(1);
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<ChargeOrderCommand> batch = NewBatch();
    std::vector<ChargeOrderCommand> again;
    for (const ChargeOrderCommand& command : batch) again.push_back(UnderNewMessageId(command));
    ChargeTogether(batch, again);
  }
  EXPECT_EQ(Decisions(), kRounds * kEvents);
}

}  // namespace
}  // namespace payments

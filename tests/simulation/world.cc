#include "tests/simulation/world.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/caller.h"
#include "tests/simulation/checks.h"

namespace simulation {
namespace {

// I2: how long after healing an order may stay unsettled.
constexpr absl::Duration kSettleMax = absl::Seconds(30);
// The same where messages were destroyed: a sweeper waits longer each time, and an
// order of a clock that is fast looks younger than it is.
constexpr absl::Duration kSweptMax = absl::Minutes(15);
// How often it is looked whether all is settled, and how long afterwards nothing
// may change.
constexpr absl::Duration kLookInterval = absl::Milliseconds(100);
constexpr absl::Duration kAftermath = absl::Seconds(2);
// A history that is longer than this hangs.
constexpr absl::Duration kStoryMax = absl::Minutes(40);
// One of more steps goes round in circles.
constexpr std::uint64_t kStepsMax = 1'000'000;

Catalog& OrdersCatalog() {
  thread_local Catalog catalog(MIGRATIONS_FOLDER "/orders");
  return catalog;
}

Catalog& PaymentsCatalog() {
  thread_local Catalog catalog(MIGRATIONS_FOLDER "/payments");
  return catalog;
}

}  // namespace

World::World(std::uint64_t seed, bool tracing)
    : scheduler_(seed, tracing),
      host_(scheduler_),
      substitute_(host_),
      calm_(scheduler_.dice().Percent(15)),
      self_(scheduler_.NewProcess("world")),
      orders_server_(scheduler_, "orders-db", OrdersCatalog(), faults_),
      payments_server_(scheduler_, "payments-db", PaymentsCatalog(), faults_),
      broker_(
          scheduler_, faults_,
          [this](const std::string&, const BrokerMessage& message) {
            books_.dead_letters.insert(message.id);
          },
          [this](std::string violation) { books_.violations.push_back(std::move(violation)); }) {
  payments_server_.store().set_on_commit([this] { CheckBalances(payments_server_, books_); });
}

World::~World() { scheduler_.KillAll(); }

std::vector<std::string> World::Run() {
  scheduler_.Spawn(self_, "story", [this] { Play(); });
  scheduler_.RunUntil(SteadyTime() + absl::ToChronoNanoseconds(kStoryMax), [this] {
    return over_ || !books_.violations.empty() || scheduler_.steps() > kStepsMax;
  });
  if (!over_ && books_.violations.empty()) books_.violations.push_back("the story hangs");
  return books_.violations;
}

void World::SetUp() {
  Dice& dice = scheduler_.dice();
  const auto rate = [&](std::size_t permille_max) {
    return !calm_ && dice.Percent(40) ? 1 + dice.Below(permille_max) : 0;
  };
  faults_ = {.database_link = rate(20),
             .database_error = rate(20),
             .database_slow = rate(5),
             .broker_link = rate(20),
             .broker_nack = rate(100),
             .kill = rate(40)};
  // Some begin after an upgrade.
  if (dice.Percent(20)) {
    for (const char* exchange : {"orders.events", "payments.events"}) {
      broker_.OutdateExchange(exchange);
    }
  }
  const auto skew = [&] {
    return dice.Percent(80) || calm_ ? absl::ZeroDuration()
                                     : dice.Between(-kClockSkewMax, kClockSkewMax);
  };
  const amqp::Opener open =
      OpenerOf(broker_, [this](const std::string& queue, const BrokerMessage& message) {
        HearOfAck(queue, message);
      });
  const std::size_t orders_copies = 1 + dice.Below(2);
  const std::size_t payments_copies = 1 + dice.Below(2);
  for (std::size_t i = 1; i <= orders_copies; ++i) {
    orders_.push_back(std::make_unique<Copy<OrdersService>>(scheduler_, absl::StrCat("orders-", i),
                                                            orders_server_, open, faults_, skew()));
  }
  for (std::size_t i = 1; i <= payments_copies; ++i) {
    payments_.push_back(std::make_unique<Copy<PaymentsService>>(
        scheduler_, absl::StrCat("payments-", i), payments_server_, open, faults_, skew()));
  }
}

void World::Play() {
  SetUp();
  Dice& dice = scheduler_.dice();
  Process& outside = scheduler_.NewProcess("callers");
  const std::size_t users = 1 + dice.Below(3);
  const std::size_t callers = 2 + dice.Below(3);
  for (std::size_t i = 0; i < callers; ++i) {
    ++callers_at_work_;
    const auto user_id = types::UserId::Parse(absl::StrCat("user-", i % users));
    scheduler_.Spawn(
        outside, absl::StrCat("caller-", i), [this, &outside, user_id, calls = 2 + dice.Below(4)] {
          // In tests nobody calls before somebody listens; in life, too, sometimes.
          scheduler_.SleepFor(
              absl::Milliseconds(static_cast<std::int64_t>(scheduler_.dice().Below(500))));
          Caller(*this, outside, *user_id).Run(calls);
          --callers_at_work_;
        });
  }
  const std::size_t strikes = calm_ ? 0 : dice.Below(6);
  for (std::size_t i = 0; i < strikes; ++i) {
    scheduler_.SleepFor(dice.Between(absl::ZeroDuration(), absl::Milliseconds(600)));
    Strike();
  }
  while (callers_at_work_ > 0) scheduler_.SleepFor(kLookInterval);
  if (!calm_ && dice.Percent(50)) {
    // Longer than the inbox remembers.
    scheduler_.SleepFor(absl::Seconds(4));
    DeliverAgain();
  }
  faults_ = {};
  scheduler_.Trace("healed");
  AwaitQuiet();
  CheckBooks({orders_server_, payments_server_, broker_, books_, calm_});
  over_ = true;
}

bool World::IsQuiet() {
  if (orders_server_.HasAbandoned() || payments_server_.HasAbandoned()) return false;
  if (!orders_server_.store().Committed("outbox").empty()) return false;
  if (!payments_server_.store().Committed("outbox").empty()) return false;
  return broker_.Quiet() && AllSettled(orders_server_);
}

void World::AwaitQuiet() {
  const SteadyTime until =
      scheduler_.now() + absl::ToChronoNanoseconds(forgot_ ? kSweptMax : kSettleMax);
  while (!IsQuiet()) {
    if (scheduler_.now() > until) {
      books_.violations.push_back("not settled long after healing");
      return;
    }
    scheduler_.SleepFor(kLookInterval);
  }
  scheduler_.SleepFor(kAftermath);
}

void World::HearOfAck(const std::string& queue, const BrokerMessage& message) {
  CheckAck(queue, message, orders_server_, payments_server_, books_);
}

}  // namespace simulation

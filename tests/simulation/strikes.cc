#include <utility>

#include "absl/strings/str_cat.h"
#include "orders/events/payment_events.h"
#include "payments/events/payment_events.h"
#include "platform/check/check.h"
#include "platform/messaging/envelope.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/world.h"

// What breaks, one at a time, and heals by itself.
namespace simulation {
namespace {

// Two events together, where there are as many.
std::vector<BrokerMessage> ToMessages(const std::vector<messaging::OutboxMessage>& events) {
  std::vector<BrokerMessage> messages;
  for (const messaging::Envelope& envelope : messaging::Pack(events, 2)) {
    messages.push_back(ToBrokerMessage(envelope.ToPublication()));
  }
  return messages;
}

}  // namespace

void World::Strike() {
  switch (scheduler_.dice().Below(10)) {
    case 0:
      return StrikeDatabase(orders_server_);
    case 1:
      return StrikeDatabase(payments_server_);
    case 2:
      return StrikeBroker();
    case 3:
      return StrikeLink();
    case 4:
      return StrikeCopy(orders_);
    case 5:
      return StrikeCopy(payments_);
    case 6:
      return StrikeBinding(scheduler_.dice().Percent(50) ? "payments.payment-requested"
                                                         : "orders.payment-processed");
    case 7:
      return RequestAgain();
    case 8:
      return DeliverAgain();
    default:
      return Poison();
  }
}

void World::StrikeDatabase(Server& server) {
  server.Crash();
  scheduler_.SleepFor(scheduler_.dice().Between(absl::Milliseconds(10), absl::Seconds(6)));
  server.Start();
}

void World::StrikeBroker() {
  Dice& dice = scheduler_.dice();
  const std::size_t choice = dice.Below(100);
  if (choice < 50) {
    scheduler_.Count("broker alarms");
    broker_.SetAlarm(true);
  } else if (choice < 90) {
    broker_.Crash();
  } else {
    scheduler_.Count("brokers that forgot all");
    broker_.CrashAndForget();
    books_.doomed.clear();
    forgot_ = true;
  }
  scheduler_.SleepFor(dice.Between(absl::Milliseconds(10), absl::Seconds(7)));
  broker_.Start();
  if (broker_.alarm()) broker_.SetAlarm(false);
}

void World::StrikeBinding(const std::string& queue) {
  scheduler_.Count("bindings deleted");
  if (scheduler_.dice().Percent(50)) return broker_.Unbind(queue);
  // As of a consumer of a version that knows no batches.
  broker_.Unbind(queue, std::string(messaging::kBatchType));
}

void World::StrikeLink() {
  std::vector<std::shared_ptr<Connection>> connections = broker_.connections();
  if (!connections.empty()) broker_.Cut(*scheduler_.dice().Pick(connections));
}

template <typename Service>
void World::StrikeCopy(std::vector<std::unique_ptr<Copy<Service>>>& copies) {
  Dice& dice = scheduler_.dice();
  Copy<Service>& copy = *dice.Pick(copies);
  switch (dice.Below(4)) {
    case 0:
      return copy.Kill();
    case 1:
      return copy.Stop();
    case 2:
      scheduler_.Count("processes frozen");
      return copy.Freeze(dice.Between(absl::Milliseconds(10), absl::Seconds(8)));
    default:
      scheduler_.Count("clocks set");
      return copy.SetClockSkew(dice.Between(-kClockSkewMax, kClockSkewMax));
  }
}

// In no order, so that several consumers meet the same messages in different ones.
void World::Inject(std::vector<std::pair<std::string, BrokerMessage>> messages) {
  scheduler_.dice().Shuffle(messages);
  for (auto& [queue, message] : messages) broker_.Inject(queue, std::move(message));
}

// As an operator may, who was impatient: under new ids, and all at once.
void World::RequestAgain() {
  std::vector<messaging::OutboxMessage> requests;
  for (const sql::Row* row : orders_server_.store().Committed("orders")) {
    if (scheduler_.dice().Percent(30)) continue;
    const orders::Order order = ReadOrder(orders_server_, row);
    for (int copy = 0; copy < 2; ++copy) {
      scheduler_.Count("payments requested again");
      requests.push_back(orders::PaymentRequested(order, types::Uuid::V7(host::Now()), ""));
    }
  }
  std::vector<std::pair<std::string, BrokerMessage>> messages;
  for (BrokerMessage& message : ToMessages(requests)) {
    messages.emplace_back("payments.payment-requested", std::move(message));
  }
  Inject(std::move(messages));
}

// As a broker does that comes back from an old volume.
void World::DeliverAgain() {
  std::vector<std::pair<std::string, BrokerMessage>> messages;
  for (const auto& [id, routed] : broker_.routed()) {
    if (scheduler_.dice().Percent(30)) continue;
    for (int copy = 0; copy < 2; ++copy) {
      scheduler_.Count("old messages delivered again");
      messages.emplace_back(routed.queue, *routed.message);
      messages.back().second.delivery_count = 0;
    }
  }
  Inject(std::move(messages));
}

// A message that can never be applied, at least not all of it.
void World::Poison() {
  const types::Uuid event_id = types::Uuid::V7(host::Now());
  const std::string id = event_id.ToString();
  const auto inject = [&](const std::string& queue, BrokerMessage message) {
    books_.poison.insert(message.id);
    books_.doomed.insert(message.id);
    broker_.Inject(queue, std::move(message));
  };
  switch (scheduler_.dice().Below(5)) {
    case 0:
      return inject("payments.payment-requested",
                    {.id = id, .type = std::string(orders::kPaymentRequestedType), .body = "?"});
    case 1:
      return inject("orders.payment-processed", {.id = id, .type = "who.knows.What"});
    case 2:
      return inject("orders.payment-processed",
                    {.id = "no uuid " + id, .type = std::string(orders::kPaymentProcessedType)});
    case 3: {
      // Together with a request that may be the first for its order.
      std::vector<messaging::OutboxMessage> requests;
      requests.push_back({.event_id = event_id,
                          .type = std::string(orders::kPaymentRequestedType),
                          .correlation_id = event_id,
                          .partition_key = "",
                          .payload = "?",
                          .trace = ""});
      for (const sql::Row* row : orders_server_.store().Committed("orders")) {
        requests.push_back(orders::PaymentRequested(ReadOrder(orders_server_, row),
                                                    types::Uuid::V7(host::Now()), ""));
        break;
      }
      return inject("payments.payment-requested", ToMessages(requests).front());
    }
    default: {
      // The answer to an order that nobody made.
      const payments::Payment payment{.order_id = payments::OrderId::New(host::Now()),
                                      .user_id = *types::UserId::Parse("nobody"),
                                      .amount = payments::Money::FromMinorUnits(1),
                                      .declined = std::nullopt,
                                      .create_time = host::Now()};
      return inject("orders.payment-processed",
                    ToMessages({payments::PaymentProcessed(payment, event_id, "")}).front());
    }
  }
}

}  // namespace simulation

#include "tests/simulation/services.h"

#include <utility>

#include "orders/consumers/payment_processed_consumer.h"
#include "orders/events/payment_events.h"
#include "payments/consumers/payment_requested_consumer.h"
#include "payments/events/payment_events.h"
#include "platform/host/host.h"

namespace simulation {
namespace {

// Small, so that few rows make several batches and pages.
constexpr std::size_t kCommitRowsMax = 3;
constexpr std::size_t kRelayRowsMax = 3;
constexpr std::size_t kMessageEventsMax = 2;
constexpr std::size_t kHandedRowsMax = 5;
constexpr std::size_t kConsumerRowsMax = 3;
constexpr std::uint16_t kPrefetch = 5;
// Often enough to mend a lost binding within the time to settle.
constexpr absl::Duration kDeclareInterval = absl::Seconds(10);
// Soon, and still after all that is merely slow.
constexpr orders::SweepRules kSweepRules{.overtaken_after = absl::Seconds(4),
                                         .waiting_after = absl::Seconds(8)};
constexpr absl::Duration kJobInterval = absl::Seconds(1);
// So short that what comes again later is not found.
constexpr absl::Duration kInboxKeep = absl::Seconds(2);

pg::GroupCommitOptions CommitOptions(const Ground& ground, const std::string& deed,
                                     pg::Database::Mode mode = pg::Database::Mode::kTransaction) {
  return {.name = deed,
          .batch_rows_max = kCommitRowsMax,
          .mode = mode,
          .retry = {},
          .before_commit = ground.failpoint_at(deed + "_before_commit"),
          .after_commit = ground.failpoint_at(deed + "_after_commit")};
}

messaging::OutboxRelayOptions RelayOptions(const Ground& ground, const std::string& service,
                                           const std::string& event) {
  messaging::OutboxRelayOptions options;
  options.loop.open = ground.open;
  options.loop.link.name = "relay";
  options.exchange = service + ".events";
  options.batch_rows_max = kRelayRowsMax;
  options.message_events_max = kMessageEventsMax;
  options.handed_rows_max = kHandedRowsMax;
  options.after_publish = ground.failpoint_at(event + "_after_publish");
  options.after_confirm = ground.failpoint_at(event + "_after_confirm");
  options.after_delete = ground.failpoint_at(event + "_after_delete");
  return options;
}

messaging::Outbox HandingOverTo(messaging::OutboxRelay& relay) {
  return messaging::Outbox([&relay](std::vector<messaging::OutboxMessage> messages) {
    relay.HandOver(std::move(messages));
  });
}

messaging::InboxConsumerOptions ConsumerOptions(const Ground& ground, const std::string& service,
                                                const std::string& peer, std::string queue,
                                                std::string_view type, const std::string& deed,
                                                pg::Database::Mode mode) {
  messaging::InboxConsumerOptions options;
  options.loop.open = ground.open;
  options.loop.link.name = "consumer";
  options.own_exchange = service + ".events";
  options.queue = std::move(queue);
  options.peer_exchange = peer + ".events";
  options.type = std::string(type);
  options.prefetch_deliveries = kPrefetch;
  options.batch_rows_max = kConsumerRowsMax;
  options.declare_interval = kDeclareInterval;
  options.mode = mode;
  options.before_commit = ground.failpoint_at(deed + "_before_commit");
  options.after_commit = ground.failpoint_at(deed + "_after_commit");
  options.after_ack = ground.failpoint_at(deed + "_after_ack");
  return options;
}

}  // namespace

OrdersService::OrdersService(const Ground& ground)
    : create(ground.database, CommitOptions(ground, "create", pg::Database::Mode::kStatements),
             [this](pg::Tx& tx, std::span<const orders::CreateOrderCommand> commands) {
               return orders::CreateOrders(tx, commands, outbox_);
             }),
      relay_(ground.database, RelayOptions(ground, "orders", "request")),
      outbox_(HandingOverTo(relay_)),
      consumer_(
          ground.database,
          ConsumerOptions(ground, "orders", "payments", "orders.payment-processed",
                          orders::kPaymentProcessedType, "settle", pg::Database::Mode::kStatements),
          [this](pg::Tx& tx, std::span<const messaging::Delivery> deliveries) {
            return orders::OnPaymentProcessed(tx, deliveries, watchers_);
          }),
      sweeper_(ground.database, {.interval = kJobInterval, .pass = {.rules = kSweepRules}}, outbox_,
               [this] { return relay_.connected(); }) {}

void OrdersService::Start() {
  relay_.Start();
  consumer_.Start();
  sweeper_.Start();
  create.Start();
}

void OrdersService::Stop() {
  create.Stop();
  sweeper_.Stop();
  consumer_.Stop();
  relay_.Stop();
}

PaymentsService::PaymentsService(const Ground& ground)
    : create(ground.database, CommitOptions(ground, "create_account"), payments::CreateAccounts),
      top_up(ground.database, CommitOptions(ground, "top_up"), payments::TopUpAccounts),
      relay_(ground.database, RelayOptions(ground, "payments", "answer")),
      outbox_(HandingOverTo(relay_)),
      consumer_(ground.database,
                ConsumerOptions(ground, "payments", "orders", "payments.payment-requested",
                                payments::kPaymentRequestedType, "charge",
                                pg::Database::Mode::kTransaction),
                [this](pg::Tx& tx, std::span<const messaging::Delivery> deliveries) {
                  return payments::OnPaymentRequested(tx, deliveries, host::Now(), outbox_);
                }),
      cleaner_(ground.database, {.interval = kJobInterval,
                                 .pause = kJobInterval,
                                 .transaction = {.keep = kInboxKeep, .rows_max = 2}}) {}

void PaymentsService::Start() {
  relay_.Start();
  consumer_.Start();
  cleaner_.Start();
  create.Start();
  top_up.Start();
}

void PaymentsService::Stop() {
  top_up.Stop();
  create.Stop();
  cleaner_.Stop();
  consumer_.Stop();
  relay_.Stop();
}

}  // namespace simulation

#ifndef TESTS_SIMULATION_SERVICES_H_
#define TESTS_SIMULATION_SERVICES_H_

#include <functional>
#include <string>

#include "orders/app/create_orders.h"
#include "orders/app/order_watchers.h"
#include "orders/jobs/sweeper.h"
#include "payments/app/create_accounts.h"
#include "payments/app/top_up_accounts.h"
#include "payments/jobs/inbox_cleaner.h"
#include "platform/amqp/link.h"
#include "platform/failpoint/failpoint.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/messaging/outbox_relay.h"
#include "platform/pg/database.h"
#include "platform/pg/group_commit.h"

namespace simulation {

// What a service's process is built on.
struct Ground {
  pg::Database& database;
  amqp::Opener open;
  // The failpoint of this name (docs/protocol.md, "One name per arrow").
  std::function<failpoint::Failpoint(const std::string& name)> failpoint_at;
};

// orders-service as its main.cc wires it, but for gRPC, metrics and signals.
class OrdersService {
 public:
  explicit OrdersService(const Ground& ground);
  void Start();
  // As SIGTERM: what was taken on is finished.
  void Stop();

  pg::GroupCommit<orders::CreateOrderCommand, orders::CreatedOrder> create;

 private:
  messaging::OutboxRelay relay_;
  const messaging::Outbox outbox_;
  orders::OrderWatchers watchers_;  // nobody watches
  messaging::InboxConsumer consumer_;
  orders::Sweeper sweeper_;
};

// payments-service likewise.
class PaymentsService {
 public:
  explicit PaymentsService(const Ground& ground);
  void Start();
  void Stop();

  pg::GroupCommit<payments::CreateAccountCommand, payments::Account> create;
  pg::GroupCommit<payments::TopUpCommand, payments::ToppedUp> top_up;

 private:
  messaging::OutboxRelay relay_;
  const messaging::Outbox outbox_;
  messaging::InboxConsumer consumer_;
  payments::InboxCleaner cleaner_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_SERVICES_H_

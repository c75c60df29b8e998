#ifndef TESTS_SIMULATION_CHECKS_H_
#define TESTS_SIMULATION_CHECKS_H_

#include <string>

#include "orders/domain/order.h"
#include "tests/simulation/books.h"
#include "tests/simulation/broker/broker.h"
#include "tests/simulation/store/server.h"

// What docs/protocol.md guarantees, held against the tables and the callers' books.
// What does not hold goes into the books' violations.
namespace simulation {

orders::Order ReadOrder(Server& server, const sql::Row* row);

bool AllSettled(Server& orders_server);

// At every commit: each balance is what the ledger says, and never negative.
void CheckBalances(Server& payments_server, Books& books);

// At every ack: what the message tells of is committed.
void CheckAck(const std::string& queue, const BrokerMessage& message, Server& orders_server,
              Server& payments_server, Books& books);

struct End {
  Server& orders_server;
  Server& payments_server;
  Broker& broker;
  Books& books;
  // Nothing broke.
  bool calm;
};

// Once all is quiet.
void CheckBooks(const End& end);

}  // namespace simulation

#endif  // TESTS_SIMULATION_CHECKS_H_

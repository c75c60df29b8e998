#ifndef PLATFORM_PG_CONNECTION_H_
#define PLATFORM_PG_CONNECTION_H_

#include <pqxx/pqxx>
#include <span>
#include <string>

#include "platform/pg/statement.h"
#include "platform/pg/tx.h"
#include "platform/pg/watchdog.h"

namespace pg {

// One open libpqxx connection with all statements prepared. Never reconnects
// by itself. The constructor throws what libpqxx throws; the watchdog bounds it
// once connect_timeout no longer does. For platform/pg alone.
class Connection {
 public:
  Connection(const std::string& conninfo, std::span<const Statement> statements,
             Watchdog& watchdog);

  pqxx::connection& driver() { return driver_; }
  const SocketHandle& socket() const { return socket_; }

 private:
  void Prepare(const Statement& statement);

  pqxx::connection driver_;
#if PQXX_VERSION_MAJOR < 7
  // Else the server's notices go to stderr, between the lines of JSON.
  const pqxx::quiet_errorhandler quiet_{driver_};
#endif
  const SocketHandle socket_;
};

// A Tx over libpqxx; commits nothing by itself.
class DriverTx final : public Tx {
 public:
  explicit DriverTx(pqxx::transaction_base& driver) : driver_(driver) {}

 private:
  Result Run(const Statement& statement, std::span<const Parameter> parameters) override;

  pqxx::transaction_base& driver_;
};

}  // namespace pg

#endif  // PLATFORM_PG_CONNECTION_H_

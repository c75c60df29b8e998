#include <chrono>
#include <exception>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

#include "platform/observability/log.h"
#include "platform/pg/connection.h"
#include "platform/pg/pool.h"

namespace pg {
namespace {

// libpqxx 6 gives several types of errors without their SQLSTATE, and a lost
// link (before 7.1.2) as a plain sql_error without one.
End ClassifyByType(const pqxx::sql_error& error) {
  if (typeid(error) == typeid(pqxx::sql_error)) return EndOf("");
  const auto is = [&error]<typename Type>(std::type_identity<Type>) {
    return dynamic_cast<const Type*>(&error) != nullptr;
  };
  if (is(std::type_identity<pqxx::insufficient_resources>())) return End::kRunAgain;
  if (is(std::type_identity<pqxx::unique_violation>())) return End::kRunAgain;
  if (is(std::type_identity<pqxx::integrity_constraint_violation>())) return End::kBadData;
  if (is(std::type_identity<pqxx::data_exception>())) return End::kBadData;
  return End::kOurFault;
}

End Classify(const pqxx::sql_error& error) {
  return error.sqlstate().empty() ? ClassifyByType(error) : EndOf(error.sqlstate());
}

// The server's further lines may quote a user's data.
std::string FirstLine(std::string_view message) {
  return std::string(message.substr(0, message.find('\n')));
}

absl::Status InternalOf(const std::exception& error) {
  return absl::InternalError(FirstLine(error.what()));
}

Outcome FromSqlError(const pqxx::sql_error& error) {
  const End end = Classify(error);
  if (end != End::kRunAgain && end != End::kNoLock) {
    observability::Log(observability::Level::kError, "statement refused",
                       {{"sqlstate", error.sqlstate()}, {"error", FirstLine(error.what())}});
  }
  return {end, InternalOf(error)};
}

// Calls `run`, and is the one place where the driver's exceptions end.
Outcome Guarded(absl::FunctionRef<absl::Status()> run) {
  try {
    return {End::kKnown, run()};
  } catch (const pqxx::in_doubt_error& error) {
    return {End::kRunAgain, InternalOf(error)};
  } catch (const pqxx::statement_completion_unknown& error) {
    // Before its base transaction_rollback, which says the opposite.
    return {End::kRunAgain, InternalOf(error)};
  } catch (const pqxx::transaction_rollback& error) {
    return {End::kRunAgain, InternalOf(error)};
  } catch (const pqxx::broken_connection& error) {
    return {End::kRunAgain, InternalOf(error)};
  } catch (const pqxx::sql_error& error) {
    return FromSqlError(error);
  } catch (const std::exception& error) {
    observability::Log(observability::Level::kError, "database driver failed",
                       {{"error", FirstLine(error.what())}});
    return {End::kOurFault, InternalOf(error)};
  }
}

// What an attempt that the end of its time finds under way may still take.
constexpr std::chrono::seconds kGrace{1};

// Whether the next transaction may have the connection.
bool IsSound(End end, const pqxx::connection& driver) {
  return driver.is_open() && end != End::kRunAgain && end != End::kOurFault;
}

absl::Status RunTransaction(pqxx::connection& connection,
                            absl::FunctionRef<absl::Status(Tx&)> work) {
  pqxx::work driver(connection);
  DriverTx tx(driver);
  absl::Status status = work(tx);
  if (!status.ok()) return status;
  driver.commit();
  tx.Committed();
  return status;
}

absl::Status RunStatements(pqxx::connection& connection,
                           absl::FunctionRef<absl::Status(Tx&)> work) {
  pqxx::nontransaction driver(connection);
  DriverTx tx(driver);
  absl::Status status = work(tx);
  if (status.ok()) tx.Committed();
  return status;
}

}  // namespace

End EndOf(std::string_view sqlstate) {
  if (sqlstate.empty()) return End::kRunAgain;
  if (sqlstate == "23505") return End::kRunAgain;
  if (sqlstate == "55P03") return End::kNoLock;
  if (sqlstate == "25006") return End::kRunAgain;  // a demoted primary
  for (const std::string_view prefix : {"40", "08", "53", "57", "58"}) {
    if (sqlstate.starts_with(prefix)) return End::kRunAgain;
  }
  if (sqlstate.starts_with("22") || sqlstate.starts_with("23")) return End::kBadData;
  return End::kOurFault;
}

Outcome Pool::Attempt(Mode mode, absl::FunctionRef<absl::Status(Tx&)> work,
                      absl::Duration time_max) {
  const auto until = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(time_max);
  absl::StatusOr<Lease> lease = Acquire(time_max);
  if (!lease.ok()) return {End::kNoConnection, lease.status()};
  pqxx::connection& driver = lease->connection().driver();
  Outcome outcome;
  {
    const Watchdog::Watch watch(watchdog_, lease->connection().socket(), until + kGrace);
    outcome = Guarded([&] {
      return mode == Mode::kTransaction ? RunTransaction(driver, work)
                                        : RunStatements(driver, work);
    });
  }
  if (!driver.is_open()) {
    // Whatever the server said last, what it did is unknown. The idle ones,
    // opened to the same server, are lost as well.
    if (outcome.end != End::kKnown) outcome.end = End::kRunAgain;
    CloseIdle();
  }
  if (!IsSound(outcome.end, driver)) lease->Discard();
  return outcome;
}

}  // namespace pg

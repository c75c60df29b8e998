#include "platform/pg/transaction.h"

#include <chrono>
#include <exception>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <typeinfo>

#include "absl/random/random.h"
#include "platform/observability/log.h"
#include "platform/pg/connection.h"

namespace pg {
namespace {

// How a run of a transaction ended.
enum class End {
  kKnown,     // committed, or rolled back because the work said so
  kRunAgain,  // outcome unknown, or a fault that may pass
  kBadData,   // refused by the database for what it holds
  kNoLock,    // lock_timeout
  kOurFault,  // a statement or schema that is wrong
};

struct Outcome {
  End end;
  absl::Status status;
};

// libpqxx 6 gives several types of errors without their SQLSTATE, and a lost
// link (before 7.1.2) as a plain sql_error without one.
End ClassifyByType(const pqxx::sql_error& error) {
  if (typeid(error) == typeid(pqxx::sql_error)) return End::kRunAgain;
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
  const std::string_view sqlstate = error.sqlstate();
  if (sqlstate.empty()) return ClassifyByType(error);
  if (sqlstate == "23505") return End::kRunAgain;
  if (sqlstate == "55P03") return End::kNoLock;
  if (sqlstate == "25006") return End::kRunAgain;  // a demoted primary
  for (const std::string_view prefix : {"40", "08", "53", "57", "58"}) {
    if (sqlstate.starts_with(prefix)) return End::kRunAgain;
  }
  if (sqlstate.starts_with("22") || sqlstate.starts_with("23")) return End::kBadData;
  return End::kOurFault;
}

// The server's further lines may quote a user's data.
std::string FirstLine(std::string_view message) {
  return std::string(message.substr(0, message.find('\n')));
}

Outcome FromSqlError(const pqxx::sql_error& error) {
  const End end = Classify(error);
  if (end != End::kRunAgain) {
    observability::Log(observability::Level::kError, "statement refused",
                       {{"sqlstate", error.sqlstate()}, {"error", FirstLine(error.what())}});
  }
  return {end, absl::InternalError(error.what())};
}

// Calls `run`, and is the one place where the driver's exceptions end.
Outcome Guarded(absl::FunctionRef<absl::Status()> run) {
  try {
    return {End::kKnown, run()};
  } catch (const pqxx::in_doubt_error& error) {
    return {End::kRunAgain, absl::InternalError(error.what())};
  } catch (const pqxx::statement_completion_unknown& error) {
    // Before its base transaction_rollback, which says the opposite.
    return {End::kRunAgain, absl::InternalError(error.what())};
  } catch (const pqxx::transaction_rollback& error) {
    return {End::kRunAgain, absl::InternalError(error.what())};
  } catch (const pqxx::broken_connection& error) {
    return {End::kRunAgain, absl::InternalError(error.what())};
  } catch (const pqxx::sql_error& error) {
    return FromSqlError(error);
  } catch (const std::exception& error) {
    observability::Log(observability::Level::kError, "database driver failed",
                       {{"error", error.what()}});
    return {End::kOurFault, absl::InternalError(error.what())};
  }
}

absl::Status ToStatus(Outcome outcome) {
  switch (outcome.end) {
    case End::kKnown:
      return std::move(outcome.status);
    case End::kBadData:
      return absl::InvalidArgumentError("refused by the database");
    case End::kNoLock:
      return absl::AbortedError("a row stayed locked");
    case End::kOurFault:
      return absl::InternalError("database error");
    case End::kRunAgain:
      break;
  }
  return absl::UnavailableError("the database did not answer in time");
}

void Wait(const RetryBudget& budget, int attempt) {
  thread_local absl::BitGen random;
  const absl::Duration full = budget.backoff * (1 << attempt);
  const absl::Duration wait = full * absl::Uniform(random, 0.5, 1.0);
  std::this_thread::sleep_for(absl::ToChronoMicroseconds(wait));
}

// What an attempt that the budget's end finds under way may still take.
constexpr std::chrono::seconds kGrace{1};

// Whether the next transaction may have the connection.
bool IsSound(End end, const pqxx::connection& driver) {
  return driver.is_open() && end != End::kRunAgain && end != End::kOurFault;
}

// Runs `once` on a leased connection until its end is known or the budget ends.
absl::Status RunWithin(const RetryBudget& budget, Pool& pool,
                       absl::FunctionRef<absl::Status(pqxx::connection&)> once) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point until = Clock::now() + absl::ToChronoNanoseconds(budget.time_max);
  for (int attempt = 0;; ++attempt) {
    Outcome outcome{End::kRunAgain, absl::OkStatus()};
    absl::StatusOr<Pool::Lease> lease = pool.Acquire(absl::FromChrono(until - Clock::now()));
    if (lease.ok()) {
      pqxx::connection& driver = lease->connection().driver();
      {
        const Watchdog::Watch watch(pool.watchdog(), lease->connection().socket(), until + kGrace);
        outcome = Guarded([&] { return once(driver); });
      }
      if (!driver.is_open()) {
        // Whatever the server said last, what it did is unknown. The idle ones,
        // opened to the same server, are lost as well.
        if (outcome.end != End::kKnown) outcome.end = End::kRunAgain;
        pool.CloseIdle();
      }
      if (!IsSound(outcome.end, driver)) lease->Discard();
    } else {
      outcome.status = lease.status();
    }
    const bool last = attempt + 1 >= budget.attempts_max || Clock::now() >= until;
    if (outcome.end != End::kRunAgain || last) {
      // Where there was no lease, the pool has said so.
      if (outcome.end == End::kRunAgain && lease.ok()) {
        observability::Log(observability::Level::kWarning, "transaction given up",
                           {{"error", std::string(outcome.status.message())}});
      }
      return ToStatus(std::move(outcome));
    }
    Wait(budget, attempt);
  }
}

}  // namespace

bool IsBadData(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAborted(status);
}

absl::Status RunAgainUntilKnown(Pool& pool, absl::FunctionRef<absl::Status(Tx&)> work,
                                const RetryBudget& budget) {
  return RunWithin(budget, pool, [&](pqxx::connection& connection) {
    pqxx::work driver(connection);
    DriverTx tx(driver);
    absl::Status status = work(tx);
    if (status.ok()) driver.commit();
    return status;
  });
}

absl::Status Query(Pool& pool, absl::FunctionRef<absl::Status(Tx&)> work,
                   const RetryBudget& budget) {
  return RunWithin(budget, pool, [&](pqxx::connection& connection) {
    pqxx::nontransaction driver(connection);
    DriverTx tx(driver);
    return work(tx);
  });
}

bool IsReachable(Pool& pool) {
  const RetryBudget once{.attempts_max = 1, .time_max = absl::Seconds(1)};
  return RunWithin(once, pool,
                   [](pqxx::connection& connection) {
                     pqxx::nontransaction(connection).exec("SELECT 1");
                     return absl::OkStatus();
                   })
      .ok();
}

}  // namespace pg

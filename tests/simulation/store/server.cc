#include "tests/simulation/store/server.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "platform/check/check.h"

namespace simulation {
namespace {

// What a statement may be refused with although nothing is wrong with it.
constexpr std::array<const char*, 5> kPassingErrors{"40001", "57014", "57P01", "53200", "55P03"};

int VersionOf(const std::filesystem::path& script) {
  const std::string name = script.filename().string();
  int version = 0;
  CHECK(name.starts_with("V") && absl::SimpleAtoi(name.substr(1, name.find("__") - 1), &version));
  return version;
}

}  // namespace

Catalog::Catalog(const std::string& migrations_folder) {
  std::map<int, std::filesystem::path> scripts;
  for (const auto& entry : std::filesystem::directory_iterator(migrations_folder)) {
    scripts.emplace(VersionOf(entry.path()), entry.path());
  }
  CHECK(!scripts.empty());
  for (const auto& [version, path] : scripts) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    schema_.Run(text.str());
  }
}

const sql::Statement& Catalog::Parsed(const pg::Statement& statement) {
  const auto found = statements_.find(statement.sql);
  if (found != statements_.end()) return found->second;
  return statements_.emplace(statement.sql, sql::Parser(statement.sql).ParseStatement())
      .first->second;
}

Server::Server(Scheduler& scheduler, std::string name, Catalog& catalog, const Faults& faults)
    : scheduler_(scheduler),
      process_(scheduler.NewProcess(std::move(name))),
      catalog_(catalog),
      faults_(faults),
      store_(scheduler, catalog.schema()) {}

void Server::Crash() {
  scheduler_.Trace("crash: ", process_.name);
  scheduler_.Count("database crashes");
  up_ = false;
  ++crashes_;
  store_.RollbackAll();
}

void Server::Abandon(std::shared_ptr<Transaction> transaction, bool commit_asked) {
  Dice& dice = scheduler_.dice();
  if (dice.Percent(50) && !commit_asked) return store_.Rollback(*transaction);
  const absl::Duration notice = dice.Between(
      absl::ZeroDuration(), dice.Percent(90) ? absl::Milliseconds(50) : absl::Seconds(4));
  const bool commits = commit_asked && dice.Percent(50);
  abandoned_.push_back(transaction);
  scheduler_.Spawn(process_, "backend",
                   [this, transaction = std::move(transaction), notice, commits] {
                     scheduler_.SleepFor(notice);
                     if (transaction->over()) return;
                     if (commits) scheduler_.Count("commits after their client was gone");
                     scheduler_.Trace(commits ? "commit of a lost client" : "lost client noticed");
                     commits ? store_.Commit(*transaction) : store_.Rollback(*transaction);
                   });
}

Answer Server::Execute(Transaction& transaction, const pg::Statement& statement,
                       std::span<const pg::Parameter> parameters) {
  Dice& dice = scheduler_.dice();
  try {
    if (dice.Permille(faults_.database_error)) {
      throw SqlError{kPassingErrors[dice.Below(kPassingErrors.size())]};
    }
    return Executor(scheduler_, store_, transaction, parameters).Run(catalog_.Parsed(statement));
  } catch (const SqlError& error) {
    scheduler_.Trace("sql: refused: ", error.state);
    scheduler_.Count("statements refused");
    store_.Rollback(transaction);
    throw;
  }
}

void Server::RunAlone(std::shared_ptr<LoneStatement> lone, std::string_view client,
                      SteadyTime arrival) {
  std::erase_if(lone_, [](const auto& other) { return other.expired(); });
  lone_.push_back(lone);
  const std::uint64_t crashes_before = crashes_;
  scheduler_.Spawn(process_, "backend",
                   [this, lone = std::move(lone), client, arrival, crashes_before] {
                     try {
                       while (scheduler_.now() < arrival) scheduler_.WaitUntil(arrival);
                       // The connection ended with the server that it was to.
                       if (crashes_ != crashes_before) throw SqlError{};
                       const std::shared_ptr<Transaction> transaction = store_.Begin(client);
                       Answer answer = Execute(*transaction, lone->statement, lone->parameters);
                       scheduler_.MayDawdle();
                       if (transaction->over()) throw SqlError{};
                       store_.Commit(*transaction);
                       scheduler_.Trace("sql: ", lone->statement.name, " committed");
                       lone->end = std::move(answer);
                     } catch (const SqlError& error) {
                       lone->end = error;
                     }
                     lone->ended.Notify();
                   });
}

bool Server::HasAbandoned() const {
  const auto under_way = [](const auto& lone) {
    const std::shared_ptr<const LoneStatement> statement = lone.lock();
    return statement != nullptr && !statement->end;
  };
  return std::any_of(lone_.begin(), lone_.end(), under_way) ||
         std::any_of(abandoned_.begin(), abandoned_.end(), [](const auto& abandoned) {
           const std::shared_ptr<const Transaction> transaction = abandoned.lock();
           return transaction != nullptr && !transaction->over();
         });
}

}  // namespace simulation

#include "tests/simulation/store/server.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "platform/check/check.h"

namespace simulation {
namespace {

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

bool Server::HasAbandoned() const {
  return std::any_of(abandoned_.begin(), abandoned_.end(), [](const auto& abandoned) {
    const std::shared_ptr<const Transaction> transaction = abandoned.lock();
    return transaction != nullptr && !transaction->over();
  });
}

}  // namespace simulation

#ifndef TESTS_SIMULATION_STORE_SERVER_H_
#define TESTS_SIMULATION_STORE_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "platform/pg/database.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/sql/ast.h"
#include "tests/simulation/sql/schema.h"
#include "tests/simulation/store/executor.h"
#include "tests/simulation/store/store.h"

namespace simulation {

// What is parsed once for all simulations of a thread: a service's schema and statements.
class Catalog {
 public:
  // Every V<n>__*.sql of the folder, in the order of n.
  explicit Catalog(const std::string& migrations_folder);

  const sql::Schema& schema() const { return schema_; }
  const sql::Statement& Parsed(const pg::Statement& statement);

 private:
  sql::Schema schema_;
  // By the text's address: statements are constants.
  absl::node_hash_map<const char*, sql::Statement> statements_;
};

// A statement that commits by itself: once sent it is the server's, which runs it to its end
// whoever lives to hear of it.
struct LoneStatement {
  const pg::Statement& statement;
  const std::vector<pg::Parameter> parameters;
  // No value: under way.
  std::optional<std::variant<Answer, SqlError>> end{};
  Signal ended{};
};

// A database server. Its tables survive its crashes; transactions do not.
class Server {
 public:
  Server(Scheduler& scheduler, std::string name, Catalog& catalog, const Faults& faults);

  Scheduler& scheduler() { return scheduler_; }
  Catalog& catalog() { return catalog_; }
  Store& store() { return store_; }
  const Faults& faults() const { return faults_; }

  bool up() const { return up_; }
  void Crash();
  void Start() { up_ = true; }
  // A link that was open at the crash is of no more use.
  std::uint64_t crashes() const { return crashes_; }

  // Runs a statement in the transaction, or refuses it, by chance or with reason: then takes the
  // transaction back and throws SqlError.
  Answer Execute(Transaction& transaction, const pg::Statement& statement,
                 std::span<const pg::Parameter> parameters);
  // Runs it from `arrival` on, and commits.
  void RunAlone(std::shared_ptr<LoneStatement> lone, std::string_view client, SteadyTime arrival);

  // The client of this transaction is gone. The server notices, sooner or later,
  // and takes it back; a commit that it was asked for may still happen before.
  void Abandon(std::shared_ptr<Transaction> transaction, bool commit_asked);
  // Whether such a one, or a lone statement, has yet to end: its commit may still bring work.
  bool HasAbandoned() const;

 private:
  Scheduler& scheduler_;
  Process& process_;
  Catalog& catalog_;
  const Faults& faults_;
  Store store_;
  bool up_ = true;
  std::uint64_t crashes_ = 0;
  std::vector<std::weak_ptr<const Transaction>> abandoned_;
  std::vector<std::weak_ptr<const LoneStatement>> lone_;
};

// A process's connections to a server.
class SimulatedDatabase final : public pg::Database {
 public:
  explicit SimulatedDatabase(Server& server) : server_(server) {}

  pg::Outcome Attempt(Mode mode, absl::FunctionRef<absl::Status(pg::Tx&)> work,
                      absl::Duration time_max) override;

 private:
  Server& server_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_STORE_SERVER_H_

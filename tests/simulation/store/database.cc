#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "tests/simulation/store/executor.h"
#include "tests/simulation/store/server.h"

namespace simulation {
namespace {

class AnswerSource final : public pg::Result::Source {
 public:
  explicit AnswerSource(Answer answer) : answer_(std::move(answer)) {
    for (sql::Row& row : answer_.rows) {
      for (sql::Value& value : row) {
        if (!sql::IsNull(value)) value = *sql::ToText(std::move(value));
      }
    }
  }

  std::size_t RowCount() const override { return answer_.rows.size(); }
  std::size_t AffectedRows() const override { return answer_.affected; }
  std::optional<std::string_view> Value(std::size_t row, std::size_t column) const override {
    const sql::Value& value = answer_.rows[row][column];
    if (sql::IsNull(value)) return std::nullopt;
    return std::get<std::string>(value);
  }

 private:
  // All texts or NULL.
  Answer answer_;
};

// A transaction as its client sees it. What the client leaves open, however it
// ends, is the server's to find out about.
class Session final : public pg::Tx {
 public:
  Session(Server& server, pg::Database::Mode mode, SteadyTime cut_off)
      : server_(server), mode_(mode), cut_off_(cut_off), crashes_(server.crashes()) {}
  ~Session() override {
    if (transaction_ != nullptr && !transaction_->over()) {
      server_.Abandon(std::move(transaction_), commit_asked_);
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Of a transaction: a lone statement has committed.
  void Commit() {
    if (mode_ == pg::Database::Mode::kStatements) return;
    Travel();
    if (transaction_ != nullptr) {
      commit_asked_ = true;
      Travel();
      server_.store().Commit(*transaction_);
      Trace("committed");
    }
    Travel();
  }

  void Rollback() {
    if (transaction_ != nullptr) server_.store().Rollback(*transaction_);
  }

 private:
  pg::Result Run(const pg::Statement& statement,
                 std::span<const pg::Parameter> parameters) override {
    Answer answer = mode_ == pg::Database::Mode::kStatements ? RunAlone(statement, parameters)
                                                             : RunInside(statement, parameters);
    return pg::Result(std::make_unique<AnswerSource>(std::move(answer)));
  }

  Answer RunInside(const pg::Statement& statement, std::span<const pg::Parameter> parameters) {
    Travel();
    Trace(statement.name);
    if (transaction_ == nullptr)
      transaction_ = server_.store().Begin(scheduler().current_process().name);
    Answer answer = server_.Execute(*transaction_, statement, parameters);
    Travel();
    return answer;
  }

  // Whatever keeps the client from hearing the end, there is one: also of a statement that
  // arrives when the client has given up.
  Answer RunAlone(const pg::Statement& statement, std::span<const pg::Parameter> parameters) {
    Dice& dice = scheduler().dice();
    Trace(statement.name);
    const auto lone = std::make_shared<LoneStatement>(
        statement, std::vector<pg::Parameter>(parameters.begin(), parameters.end()));
    server_.RunAlone(lone, scheduler().current_process().name, Arrival());
    const bool deaf = dice.Permille(server_.faults().database_link);
    const SteadyTime until =
        deaf ? std::min(cut_off_,
                        scheduler().now() + absl::ToChronoNanoseconds(dice.Between(
                                                absl::ZeroDuration(), absl::Milliseconds(2))))
             : cut_off_;
    while (!lone->end && scheduler().now() < until) scheduler().WaitUntil(until, {&lone->ended});
    if (!lone->end) {
      scheduler().Count("statements in doubt");
      LoseLink();
    }
    if (const auto* error = std::get_if<SqlError>(&*lone->end)) throw *error;
    Travel();
    return std::get<Answer>(std::move(*lone->end));
  }

  // When what is sent now is there.
  SteadyTime Arrival() {
    Dice& dice = scheduler().dice();
    absl::Duration takes = dice.Between(absl::Microseconds(50), absl::Microseconds(800));
    if (dice.Permille(server_.faults().database_slow)) {
      takes = dice.Between(absl::Milliseconds(100), absl::Seconds(6));
    }
    return scheduler().now() + absl::ToChronoNanoseconds(takes);
  }

  // One way over the network, and what the server does meanwhile.
  void Travel() {
    const SteadyTime arrival = Arrival();
    scheduler().WaitUntil(std::min(arrival, cut_off_));
    const bool lost = arrival > cut_off_ || server_.crashes() != crashes_ ||
                      (transaction_ != nullptr && transaction_->over() && !commit_asked_);
    if (lost || scheduler().dice().Permille(server_.faults().database_link)) {
      scheduler().Count(commit_asked_ ? "commits in doubt" : "database links lost");
      LoseLink();
    }
  }

  [[noreturn]] void LoseLink() {
    Trace("link to the database lost");
    throw SqlError{};
  }

  template <typename... Parts>
  void Trace(const Parts&... parts) {
    scheduler().Trace("sql: ", parts...);
  }

  Scheduler& scheduler() { return server_.scheduler(); }

  Server& server_;
  const pg::Database::Mode mode_;
  const SteadyTime cut_off_;
  const std::uint64_t crashes_;
  std::shared_ptr<Transaction> transaction_;
  bool commit_asked_ = false;
};

}  // namespace

pg::Outcome SimulatedDatabase::Attempt(Mode mode, absl::FunctionRef<absl::Status(pg::Tx&)> work,
                                       absl::Duration time_max) {
  Scheduler& scheduler = server_.scheduler();
  if (!server_.up()) {
    // Refused at once, or not answered at all.
    const absl::Duration unanswered = std::min(time_max, absl::Seconds(3));
    scheduler.SleepFor(scheduler.dice().Percent(80) ? absl::Milliseconds(1) : unanswered);
    return {pg::End::kNoConnection, absl::UnavailableError("the server is down")};
  }
  // A second's grace, as database.h says.
  Session session(server_, mode,
                  scheduler.now() + absl::ToChronoNanoseconds(time_max + absl::Seconds(1)));
  try {
    absl::Status status = work(session);
    if (status.ok()) {
      session.Commit();
      session.Committed();
    } else {
      session.Rollback();
    }
    return {pg::End::kKnown, std::move(status)};
  } catch (const SqlError& error) {
    return {pg::EndOf(error.state), absl::InternalError(error.state)};
  }
}

}  // namespace simulation

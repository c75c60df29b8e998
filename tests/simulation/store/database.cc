#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tests/simulation/store/executor.h"
#include "tests/simulation/store/server.h"

namespace simulation {
namespace {

// What a statement may be refused with although nothing is wrong with it.
constexpr std::array<const char*, 5> kPassingErrors{"40001", "57014", "57P01", "53200", "55P03"};

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

  void Commit() {
    Travel();
    if (transaction_ != nullptr) CommitAsked();
    Travel();
  }

  void Rollback() {
    if (transaction_ != nullptr) server_.store().Rollback(*transaction_);
  }

 private:
  pg::Result Run(const pg::Statement& statement,
                 std::span<const pg::Parameter> parameters) override {
    commit_asked_ = false;
    Travel();
    Trace(statement.name);
    if (transaction_ == nullptr)
      transaction_ = server_.store().Begin(scheduler().current_process().name);
    Answer answer = Execute(statement, parameters);
    if (mode_ == pg::Database::Mode::kStatements) {
      CommitAsked();
      transaction_ = nullptr;
    }
    Travel();
    return pg::Result(std::make_unique<AnswerSource>(std::move(answer)));
  }

  Answer Execute(const pg::Statement& statement, std::span<const pg::Parameter> parameters) {
    try {
      if (scheduler().dice().Permille(server_.faults().database_error)) {
        throw SqlError{kPassingErrors[scheduler().dice().Below(kPassingErrors.size())]};
      }
      return Executor(scheduler(), server_.store(), *transaction_, parameters)
          .Run(server_.catalog().Parsed(statement));
    } catch (const SqlError& error) {
      Trace("refused: ", error.state);
      scheduler().Count("statements refused");
      server_.store().Rollback(*transaction_);
      throw;
    }
  }

  // It takes its time, and the client need not live to see it.
  void CommitAsked() {
    commit_asked_ = true;
    Travel();
    server_.store().Commit(*transaction_);
    Trace("committed");
  }

  // One way over the network, and what the server does meanwhile.
  void Travel() {
    Dice& dice = scheduler().dice();
    absl::Duration takes = dice.Between(absl::Microseconds(50), absl::Microseconds(800));
    if (dice.Permille(server_.faults().database_slow)) {
      takes = dice.Between(absl::Milliseconds(100), absl::Seconds(6));
    }
    const SteadyTime arrival = scheduler().now() + absl::ToChronoNanoseconds(takes);
    scheduler().WaitUntil(std::min(arrival, cut_off_));
    const bool lost = arrival > cut_off_ || server_.crashes() != crashes_ ||
                      (transaction_ != nullptr && transaction_->over() && !commit_asked_);
    if (lost || dice.Permille(server_.faults().database_link)) {
      Trace("link to the database lost");
      scheduler().Count(commit_asked_ ? "commits in doubt" : "database links lost");
      throw SqlError{};
    }
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

#ifndef PLATFORM_PG_TX_H_
#define PLATFORM_PG_TX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "platform/pg/array.h"
#include "platform/pg/statement.h"
#include "platform/types/uuid.h"

namespace pg {

class Result;

// One row of a Result; valid as long as that Result. Columns count from 0, in
// the statement's order. Reading a NULL, or a value of another type, aborts:
// the statement and its reader stand side by side.
class Row {
 public:
  bool IsNull(std::size_t column) const;
  std::string_view Text(std::size_t column) const;
  std::int64_t Int64(std::size_t column) const;
  types::Uuid Uuid(std::size_t column) const;
  // A column selected as `pg_time_micros`: microseconds since the Unix epoch,
  // see kMicros below.
  absl::Time Time(std::size_t column) const;
  // A bytea column in hex form.
  std::string Bytes(std::size_t column) const;

 private:
  friend class Result;
  Row(const Result& result, std::size_t row) : result_(&result), row_(row) {}

  const Result* result_;
  std::size_t row_;
};

// Selects a timestamptz column for Row::Time: PG_MICROS("create_time").
#define PG_MICROS(column) "(extract(epoch FROM " column ") * 1000000)::bigint"

// The rows of one executed statement, read whole.
class Result {
 public:
  // What carries the rows; the driver's result behind platform/pg.
  class Source {
   public:
    virtual ~Source() = default;
    virtual std::size_t RowCount() const = 0;
    virtual std::size_t AffectedRows() const = 0;
    // Null without a value.
    virtual std::optional<std::string_view> Value(std::size_t row, std::size_t column) const = 0;
  };

  explicit Result(std::unique_ptr<const Source> source) : source_(std::move(source)) {}

  std::size_t size() const { return source_->RowCount(); }
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t row) const { return Row(*this, row); }
  // Rows inserted, updated or deleted.
  std::size_t affected_rows() const { return source_->AffectedRows(); }

 private:
  friend class Row;
  std::unique_ptr<const Source> source_;
};

// A parameter in text form; null without a value.
using Parameter = std::optional<std::string>;

// An open transaction, or a connection that runs each statement by itself
// (Database::Mode::kStatements). Faults leave Exec by an exception of the
// driver's that only attempt.cc catches: code that is handed a Tx neither
// throws nor catches, and ends by returning a Status.
class Tx {
 public:
  virtual ~Tx() = default;

  // Has `then` run once the transaction, or each statement, has committed for certain, on the
  // thread that ran it; never where it was rolled back or its end is unknown, nor where a later
  // statement of the same work failed. `then` must not throw.
  void AfterCommit(std::function<void()> then) { after_commit_.push_back(std::move(then)); }
  // For databases: the transaction has committed.
  void Committed() {
    for (const std::function<void()>& then : after_commit_) then();
  }

  // Runs a statement prepared at connect. Parameters bind to $1, $2, ..
  template <typename... Args>
  Result Exec(const Statement& statement, Args&&... args) {
    const std::array<Parameter, sizeof...(Args)> parameters{
        ToParameter(std::forward<Args>(args))...};
    return Run(statement, parameters);
  }

 private:
  virtual Result Run(const Statement& statement, std::span<const Parameter> parameters) = 0;

  std::vector<std::function<void()>> after_commit_;

  static Parameter ToParameter(std::string_view text) { return std::string(text); }
  static Parameter ToParameter(const char* text) { return std::string(text); }
  static Parameter ToParameter(std::string text) { return Parameter(std::move(text)); }
  static Parameter ToParameter(Parameter parameter) { return parameter; }
  static Parameter ToParameter(std::int64_t number) { return std::to_string(number); }
  static Parameter ToParameter(const types::Uuid& id) { return id.ToString(); }
  static Parameter ToParameter(absl::Time time) { return ToText(time); }
  static Parameter ToParameter(Array&& array) { return std::move(array).Take(); }
};

}  // namespace pg

#endif  // PLATFORM_PG_TX_H_

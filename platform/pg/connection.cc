#include "platform/pg/connection.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace pg {
namespace {

// Far more than all statements need.
constexpr std::chrono::seconds kPrepareTimeMax{3};

class DriverResult final : public Result::Source {
 public:
  explicit DriverResult(pqxx::result rows) : rows_(std::move(rows)) {}

  std::size_t RowCount() const override { return static_cast<std::size_t>(rows_.size()); }
  std::size_t AffectedRows() const override {
    return static_cast<std::size_t>(rows_.affected_rows());
  }
  std::optional<std::string_view> Value(std::size_t row, std::size_t column) const override {
    const auto field = rows_.at(static_cast<pqxx::result::size_type>(row))
                           .at(static_cast<pqxx::row::size_type>(column));
    if (field.is_null()) return std::nullopt;
    return std::string_view(field.c_str(), field.size());
  }

 private:
  const pqxx::result rows_;
};

}  // namespace

Connection::Connection(const std::string& conninfo, std::span<const Statement> statements,
                       Watchdog& watchdog)
    : driver_(conninfo), socket_(driver_.sock()) {
  const Watchdog::Watch watch(watchdog, socket_,
                              std::chrono::steady_clock::now() + kPrepareTimeMax);
#if PQXX_VERSION_MAJOR < 7
  driver_.inhibit_reactivation(true);
#endif
  for (const Statement& statement : statements) Prepare(statement);
  Prepare(kPing);
}

void Connection::Prepare(const Statement& statement) {
  driver_.prepare(statement.name, statement.sql);
#if PQXX_VERSION_MAJOR < 7
  driver_.prepare_now(statement.name);  // else at first use
#endif
}

Result DriverTx::Run(const Statement& statement, std::span<const Parameter> parameters) {
  std::vector<const char*> texts;
  texts.reserve(parameters.size());
  for (const Parameter& parameter : parameters) {
    texts.push_back(parameter ? parameter->c_str() : nullptr);
  }
#if PQXX_VERSION_MAJOR < 7
  pqxx::result rows =
      driver_.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(texts));
#else
  pqxx::params bound;
  for (const char* text : texts) bound.append(text);
  pqxx::result rows = driver_.exec_prepared(statement.name, bound);
#endif
  return Result(std::make_unique<DriverResult>(std::move(rows)));
}

}  // namespace pg

#ifndef TESTS_SIMULATION_SQL_EVALUATE_H_
#define TESTS_SIMULATION_SQL_EVALUATE_H_

#include <span>
#include <vector>

#include "tests/simulation/sql/ast.h"

namespace simulation::sql {

// The rows that an expression is about, one of each source.
struct Scope {
  const std::vector<Source>* sources = nullptr;
  std::span<const Row* const> rows{};
  // Of the select around this one.
  const Scope* outer = nullptr;
};

// What an expression needs besides rows.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual const Value& ParameterAt(std::size_t number) = 0;
  virtual Timestamp Now() = 0;
  virtual std::vector<Row> RunSubselect(const Select& select, const Scope& outer) = 0;
  virtual bool TryAdvisoryLock(const Value& key) = 0;
  // The elements of an array; those of a parameter are read once.
  virtual const std::vector<Value>& ArrayOf(const Expression& expression, const Scope& scope) = 0;
};

// NULL where SQL says so. Aborts for what only a wrong statement could ask.
Value Evaluate(const Expression& expression, const Scope& scope, Environment& environment);

// True; neither false nor NULL.
bool IsTrue(const Expression& expression, const Scope& scope, Environment& environment);
bool IsFalse(const Expression& expression, const Scope& scope, Environment& environment);

}  // namespace simulation::sql

#endif  // TESTS_SIMULATION_SQL_EVALUATE_H_

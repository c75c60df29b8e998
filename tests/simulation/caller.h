#ifndef TESTS_SIMULATION_CALLER_H_
#define TESTS_SIMULATION_CALLER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/world.h"

namespace simulation {

// Somebody who opens an account, tops it up and orders, and notes what came of it.
class Caller {
 public:
  Caller(World& world, Process& process, types::UserId user_id)
      : world_(world), process_(process), user_id_(std::move(user_id)) {}

  // Makes so many calls, one after another. For a task.
  void Run(std::size_t calls);

 private:
  // Calls one of the copies that run and waits for the answer. `submit` is called as
  // the copy's process, with the service and a Done.
  template <typename Answer, typename Service, typename Submit>
  absl::StatusOr<Answer> Call(std::vector<std::unique_ptr<Copy<Service>>>& copies, Submit submit);
  template <typename Service>
  Copy<Service>& RunningOneOf(std::vector<std::unique_ptr<Copy<Service>>>& copies);

  // With a key: tries until it is told, a few times, and maybe twice at once.
  void TryWith(bool has_key, const std::function<Known()>& one_try);
  std::optional<types::IdempotencyKey> MaybeKey();
  // Adds what a try was told to what is known of its call.
  Known Note(Tries& tries, const absl::Status& status, const std::string& acknowledged);

  void OpenAccount();
  void TopUp();
  Known TryTopUp(std::size_t call);
  void Order();
  Known TryOrder(std::size_t call);
  // An order that a database must refuse: its neighbours must not notice.
  void OrderTheImpossible();

  World& world_;
  Process& process_;
  const types::UserId user_id_;
  std::size_t twins_ = 0;
  std::size_t keys_ = 0;
  Signal twin_ended_;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_CALLER_H_

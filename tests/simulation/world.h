#ifndef TESTS_SIMULATION_WORLD_H_
#define TESTS_SIMULATION_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/host/host.h"
#include "tests/simulation/books.h"
#include "tests/simulation/broker/broker.h"
#include "tests/simulation/broker/link.h"
#include "tests/simulation/copy.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/services.h"
#include "tests/simulation/simulated_host.h"
#include "tests/simulation/store/server.h"

namespace simulation {

// One history of both services: callers call, things break, everything heals, and
// then all must be as docs/protocol.md promises. The seed decides all of it.
class World {
 public:
  World(std::uint64_t seed, bool tracing);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // Plays it to the end. Returns what was wrong; empty: nothing.
  std::vector<std::string> Run();

  std::uint64_t digest() const { return scheduler_.digest(); }
  // What happened, by kind.
  const std::map<std::string_view, std::uint64_t>& counts() const { return scheduler_.counts(); }

 private:
  friend class Caller;

  void SetUp();
  void Play();
  void Strike();
  void StrikeDatabase(Server& server);
  void StrikeBroker();
  void StrikeBinding(const std::string& queue);
  void StrikeLink();
  template <typename Service>
  void StrikeCopy(std::vector<std::unique_ptr<Copy<Service>>>& copies);
  void Inject(std::vector<std::pair<std::string, BrokerMessage>> messages);
  void RequestAgain();
  void DeliverAgain();
  void Poison();
  bool IsQuiet();
  void AwaitQuiet();
  void HearOfAck(const std::string& queue, const BrokerMessage& message);

  Scheduler scheduler_;
  SimulatedHost host_;
  const host::Substitute substitute_;
  // Nothing breaks: then nothing may come twice either.
  const bool calm_;
  Faults faults_;
  Books books_;
  Process& self_;
  Server orders_server_;
  Server payments_server_;
  Broker broker_;
  std::vector<std::unique_ptr<Copy<OrdersService>>> orders_;
  std::vector<std::unique_ptr<Copy<PaymentsService>>> payments_;
  // The broker lost what it had confirmed: the sweeper alone brings it back.
  bool forgot_ = false;
  std::size_t callers_at_work_ = 0;
  bool over_ = false;
};

}  // namespace simulation

#endif  // TESTS_SIMULATION_WORLD_H_

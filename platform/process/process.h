#ifndef PLATFORM_PROCESS_PROCESS_H_
#define PLATFORM_PROCESS_PROCESS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "platform/lifecycle/service.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/messaging/outbox.h"
#include "platform/messaging/outbox_relay.h"
#include "platform/pg/database.h"
#include "platform/pg/group_commit.h"
#include "platform/pg/pool.h"
#include "platform/pg/statement.h"
#include "platform/process/config.h"
#include "platform/rpc/caller.h"
#include "platform/rpc/worker_pool.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace process {

// What tells one service's process from another's.
struct Identity {
  // "orders": it publishes to the exchange orders.events and logs as
  // orders-service.
  std::string name;
  // The queue it consumes, and the events in it.
  std::string queue;
  std::string peer_exchange;
  std::string event_type;
  // What its failpoints begin with: the event it publishes ("request"), and what
  // it does with those that it consumes ("settle").
  std::string publishes;
  std::string applies;
  // How its use case commits (messaging::InboxConsumerOptions).
  pg::Database::Mode applies_in = pg::Database::Mode::kTransaction;
  // All that its use cases run; the outbox's are added.
  std::vector<pg::Statement> statements;
  // GroupCommits it runs: each needs a connection.
  std::size_t group_commits;
  // Jobs that read on behalf of callers: each needs a connection.
  std::size_t read_jobs = 0;
};

// What a service's business plugs into its process.
struct Business {
  // Outlive Run.
  grpc::Service* api;
  // What the api's calls need to be answered: there before the first of them, and until the
  // last. Group commits, and jobs that read.
  std::vector<lifecycle::Service*> behind_api;
  // The use case of its queue.
  messaging::UseCase on_event;
  // What it does at an interval of its own, with the role relay.
  lifecycle::Service* job;
  // Ends the api's streams at a stop (rpc::Server).
  std::function<void()> end_streams = [] {};
};

// The parts that every service process has, whatever its business: connections,
// outbox relay, inbox consumer, gRPC server, health and metrics. A main.cc makes
// one, builds its use cases on it, and runs it.
class Process {
 public:
  // Starts the logging. Reads and commits have pools of their own: a slow read
  // holds no commit up.
  Process(const Config& config, Identity identity);

  pg::Pool& writers() { return writers_; }
  pg::Pool& readers() { return readers_; }
  rpc::WorkerPool& workers() { return workers_; }
  rpc::DeadlineLimits deadlines() const;
  // `name` labels the metrics; `deed` begins the names of the failpoints.
  pg::GroupCommitOptions CommitOptions(const std::string& name, const std::string& deed,
                                       pg::Database::Mode mode = pg::Database::Mode::kTransaction);
  // Hands its events over to the relay of this process.
  const messaging::Outbox& outbox() const { return outbox_; }
  bool relay_connected() const { return relay_.connected(); }

  // Runs the configured roles until SIGTERM. Returns the exit code of main.
  int Run(const Business& business);

 private:
  Config config_;
  const Identity identity_;
  pg::Pool writers_;
  pg::Pool readers_;
  rpc::WorkerPool workers_;
  messaging::OutboxRelay relay_;
  const messaging::Outbox outbox_;
};

}  // namespace process

#endif  // PLATFORM_PROCESS_PROCESS_H_

#include "support.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "platform/check/check.h"
#include "platform/messaging/envelope.h"
#include "platform/pg/transaction.h"

namespace messaging_test {
namespace {

constexpr pg::Statement kCount{"test_outbox_count", "SELECT count(*) FROM outbox"};
constexpr pg::Statement kHolds{"test_outbox_holds",
                               "SELECT event_id FROM outbox WHERE event_id = $1"};
constexpr pg::Statement kClear{"test_outbox_clear", "DELETE FROM outbox"};

std::vector<pg::Statement> TestStatements() {
  std::vector<pg::Statement> statements = messaging::OutboxStatements();
  statements.insert(statements.end(), {kCount, kHolds, kClear});
  return statements;
}

std::string Output(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  CHECK(pipe != nullptr);
  std::string output;
  std::array<char, 4096> part{};
  while (const std::size_t count = fread(part.data(), 1, part.size(), pipe))
    output.append(part.data(), count);
  pclose(pipe);
  return output;
}

}  // namespace

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr)
    std::fprintf(stderr, "%s is not set; run the tests with tests/run.sh\n", name);
  CHECK(value != nullptr);
  return value;
}

bool Eventually(const std::function<bool()>& done) {
  const host::Deadline deadline = host::Deadline::After(kSoon);
  const std::unique_ptr<host::Wakeup> never = host::NewWakeup();
  while (!done()) {
    if (deadline.Passed()) return false;
    never->Wait(host::Deadline::After(absl::Milliseconds(10)));
  }
  return true;
}

std::string BrokerUrl() { return Setting("AMQP_ADMIN_URL"); }

std::uint16_t BrokerPort() {
  const std::string url = BrokerUrl();
  int port = 0;
  CHECK(std::sscanf(url.c_str() + url.rfind(':'), ":%d", &port) == 1);
  return static_cast<std::uint16_t>(port);
}

std::string BrokerUrlThrough(std::uint16_t port) {
  const std::string url = BrokerUrl();
  return absl::StrCat(url.substr(0, url.rfind(':')), ":", port, "/");
}

bool Manage(const std::string& method, const std::string& path, const std::string& body) {
  const std::string code =
      Output(absl::StrCat("curl -s -o /dev/null -w '%{http_code}' -X ", method,
                          " -H 'content-type: application/json' -d '", body, "' '",
                          Setting("RABBITMQ_MANAGEMENT_URL"), "/api/", path, "'"));
  return code.starts_with("2");
}

bool CloseConnections() { return Manage("DELETE", "connections/username/guest"); }

messaging::LinkLoopOptions FastLoop(const std::string& url, const std::string& name) {
  messaging::LinkLoopOptions loop;
  loop.link.url = url;
  loop.link.name = name;
  loop.backoff_min = absl::Milliseconds(20);
  loop.backoff_max = absl::Milliseconds(200);
  return loop;
}

std::unique_ptr<amqp::Link> OpenLink() {
  amqp::LinkOptions options;
  options.url = BrokerUrl();
  options.name = "test";
  absl::StatusOr<std::unique_ptr<amqp::Link>> link = amqp::Link::Open(options);
  CHECK(link.ok());
  return *std::move(link);
}

messaging::OutboxMessage NewMessage(const std::string& type) {
  const types::Uuid id = types::Uuid::V7(absl::Now());
  return {.event_id = id,
          .type = type,
          .correlation_id = types::Uuid::V7(absl::Now()),
          .partition_key = "somebody",
          .payload = id.ToString(),
          .trace = ""};
}

Outbox::Outbox(const char* database_setting)
    : pool_({.conninfo = Setting(database_setting),
             .statements = TestStatements(),
             .connections_max = 6}) {
  CHECK(pg::RunAgainUntilKnown(pool_, [](pg::Tx& tx) {
          tx.Exec(kClear);
          return absl::OkStatus();
        }).ok());
}

std::size_t Outbox::Count() {
  std::size_t count = 0;
  CHECK(pg::Query(pool_, [&](pg::Tx& tx) {
          count = static_cast<std::size_t>(tx.Exec(kCount)[0].Int64(0));
          return absl::OkStatus();
        }).ok());
  return count;
}

bool Outbox::Holds(const types::Uuid& event_id) {
  bool holds = false;
  CHECK(pg::Query(pool_, [&](pg::Tx& tx) {
          holds = !tx.Exec(kHolds, event_id).empty();
          return absl::OkStatus();
        }).ok());
  return holds;
}

void Outbox::Append(const std::vector<messaging::OutboxMessage>& messages,
                    const messaging::Outbox& outbox) {
  CHECK(pg::RunAgainUntilKnown(pool_, [&](pg::Tx& tx) {
          outbox.Append(tx, messages);
          return absl::OkStatus();
        }).ok());
}

QueueReader::QueueReader(const std::string& queue) : link_(OpenLink()) {
  CHECK(link_->Consume(queue, 1000).ok());
}

void QueueReader::ReadUntil(std::size_t events) {
  while (seen_.size() < events) {
    absl::StatusOr<std::optional<amqp::Event>> event = link_->Next(host::Deadline::After(kSoon));
    ASSERT_TRUE(event.ok()) << event.status();
    ASSERT_TRUE(event->has_value())
        << "only " << seen_.size() << " of " << events << " events came";
    last_ = std::get<amqp::Delivery>(*std::move(*event));
    ++messages_;
    const auto unpacked =
        messaging::Unpack(last_, last_.type == messaging::kBatchType ? kType : last_.type);
    if (unpacked.ok()) {
      for (const messaging::Delivery& each : *unpacked) ++seen_[each.event_id.ToString()];
    } else {
      ++seen_[last_.message_id];
    }
    const amqp::Ack ack{.tag = last_.tag, .multiple = false};
    ASSERT_TRUE(link_->Send({&ack, 1}).ok());
  }
}

BrokerTest::BrokerTest() {
  static std::atomic<int> tests{0};
  const std::string prefix = absl::StrCat("test-", getpid(), "-", ++tests, ".");
  exchange_ = prefix + "events";
  own_exchange_ = prefix + "own";
  dead_exchange_ = prefix + "dead";
  queue_ = prefix + "queue";
  other_queue_ = prefix + "other-queue";
}

BrokerTest::~BrokerTest() {
  for (const std::string& queue : {queue_, other_queue_}) {
    Manage("DELETE", absl::StrCat("queues/%2F/", queue));
    Manage("DELETE", absl::StrCat("queues/%2F/", queue, ".dlq"));
  }
  for (const std::string& exchange : {exchange_, own_exchange_, dead_exchange_}) {
    Manage("DELETE", absl::StrCat("exchanges/%2F/", exchange));
  }
}

amqp::Topology BrokerTest::QueueFor(const std::string& type) const {
  return {.exchanges = {exchange_},
          .topic_exchanges = {dead_exchange_},
          .queues = {{.name = queue_,
                      .dead_letter_exchange = dead_exchange_,
                      .source_exchange = exchange_,
                      .routing_keys = {type, std::string(messaging::kBatchType)}}}};
}

void BrokerTest::Declare(const amqp::Topology& topology) {
  const absl::Status declared = OpenLink()->Declare(topology);
  ASSERT_TRUE(declared.ok()) << declared;
}

}  // namespace messaging_test

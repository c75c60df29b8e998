#include "platform/amqp/topology.h"

#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "platform/amqp/rabbitmq.h"
#include "platform/amqp/rabbitmq_link.h"
#include "platform/amqp/reply.h"

namespace amqp {
namespace {

// Deliveries flow on channel 1; a refused declaration closes only its own.
constexpr amqp_channel_t kTopologyChannel = 2;

amqp_table_entry_t Argument(std::string_view key, std::string_view text) {
  amqp_table_entry_t entry{};
  entry.key = ToBytes(key);
  entry.value.kind = AMQP_FIELD_KIND_UTF8;
  entry.value.value.bytes = ToBytes(text);
  return entry;
}

// Declares over one channel; stops at the first refusal.
class Declarer {
 public:
  // `consumed_queue`: must have a consumer. None if empty.
  Declarer(amqp_connection_state_t state, const std::string& consumed_queue)
      : state_(state), consumed_queue_(consumed_queue) {}

  absl::Status Declare(const Topology& topology) {
    for (const std::string& exchange : topology.exchanges) {
      if (absl::Status declared = Exchange(exchange, "direct"); !declared.ok()) return declared;
    }
    for (const std::string& exchange : topology.topic_exchanges) {
      if (absl::Status declared = Exchange(exchange, "topic"); !declared.ok()) return declared;
    }
    for (const WorkQueue& queue : topology.queues) {
      if (absl::Status declared = QueueWithDeadLetters(queue); !declared.ok()) return declared;
    }
    return absl::OkStatus();
  }

  // Its bindings go with it.
  absl::Status DeleteExchange(const std::string& name) {
    amqp_exchange_delete(state_, kTopologyChannel, ToBytes(name), /*if_unused=*/0);
    return Reply("exchange.delete", name);
  }

 private:
  absl::Status Exchange(const std::string& name, std::string_view type) {
    amqp_exchange_declare(state_, kTopologyChannel, ToBytes(name), ToBytes(type), /*passive=*/0,
                          /*durable=*/1,
                          /*auto_delete=*/0, /*internal=*/0, amqp_empty_table);
    return Reply("exchange.declare", name);
  }

  absl::Status QueueWithDeadLetters(const WorkQueue& queue) {
    const std::string dead_letter_queue = absl::StrCat(queue.name, ".dlq");
    amqp_table_entry_t dead_arguments[] = {Argument("x-queue-type", "quorum")};
    amqp_table_entry_t arguments[] = {
        Argument("x-queue-type", "quorum"),
        Argument("x-dead-letter-exchange", queue.dead_letter_exchange),
        Argument("x-dead-letter-routing-key", queue.name),
        Argument("x-dead-letter-strategy", "at-least-once"),
        Argument("x-overflow", "reject-publish"),
    };
    // The dead-letter queue comes first: a queue never stands without it.
    if (absl::Status done = Queue(dead_letter_queue, dead_arguments); !done.ok()) return done;
    if (absl::Status done = Bind(dead_letter_queue, queue.dead_letter_exchange, queue.name);
        !done.ok())
      return done;
    if (absl::Status done = Queue(queue.name, arguments); !done.ok()) return done;
    for (const std::string& key : queue.routing_keys) {
      if (absl::Status done = Bind(queue.name, queue.source_exchange, key); !done.ok()) return done;
    }
    return absl::OkStatus();
  }

  absl::Status Queue(const std::string& name, std::span<amqp_table_entry_t> arguments) {
    const amqp_table_t table{static_cast<int>(arguments.size()), arguments.data()};
    const amqp_queue_declare_ok_t* declared =
        amqp_queue_declare(state_, kTopologyChannel, ToBytes(name), /*passive=*/0, /*durable=*/1,
                           /*exclusive=*/0,
                           /*auto_delete=*/0, table);
    if (declared != nullptr && declared->consumer_count == 0 && name == consumed_queue_) {
      return absl::UnavailableError(absl::StrCat("the broker forgot the consumer of ", name));
    }
    return Reply("queue.declare", name);
  }

  absl::Status Bind(const std::string& queue, const std::string& exchange,
                    const std::string& routing_key) {
    amqp_queue_bind(state_, kTopologyChannel, ToBytes(queue), ToBytes(exchange),
                    ToBytes(routing_key), amqp_empty_table);
    return Reply("queue.bind", queue);
  }

  absl::Status Reply(absl::string_view doing, const std::string& name) {
    return ReplyStatus(state_, kTopologyChannel, amqp_get_rpc_reply(state_),
                       absl::StrCat(doing, " ", name));
  }

  const amqp_connection_state_t state_;
  const std::string& consumed_queue_;
};

}  // namespace

absl::Status RabbitmqLink::Declare(const Topology& topology) {
  return OverChannelOfItsOwn(
      [&] { return Declarer(state_.get(), consumed_queue_).Declare(topology); });
}

absl::Status RabbitmqLink::DeleteExchange(const std::string& name) {
  return OverChannelOfItsOwn(
      [&] { return Declarer(state_.get(), consumed_queue_).DeleteExchange(name); });
}

absl::Status RabbitmqLink::OverChannelOfItsOwn(absl::FunctionRef<absl::Status()> declare) {
  amqp_channel_open(state_.get(), kTopologyChannel);
  absl::Status opened =
      ReplyStatus(state_.get(), kTopologyChannel, amqp_get_rpc_reply(state_.get()), "channel.open");
  if (!opened.ok()) return Lost(std::move(opened));

  absl::Status declared = declare();
  if (declared.ok()) {
    declared = ReplyStatus(state_.get(), kTopologyChannel,
                           amqp_channel_close(state_.get(), kTopologyChannel, AMQP_REPLY_SUCCESS),
                           "channel.close");
  }
  amqp_maybe_release_buffers_on_channel(state_.get(), kTopologyChannel);
  return absl::IsUnavailable(declared) ? Lost(std::move(declared)) : declared;
}

}  // namespace amqp

#ifndef PLATFORM_AMQP_LINK_H_
#define PLATFORM_AMQP_LINK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/amqp/message.h"
#include "platform/amqp/outstanding_tags.h"
#include "platform/amqp/topology.h"
#include "platform/host/deadline.h"
#include "platform/host/wakeup.h"

namespace amqp {

struct LinkOptions {
  // amqp://user:password@host:port/vhost; an empty vhost is "/".
  std::string url;
  // Shown by the broker's management page.
  std::string name;
  // Each wait of the opening and each reply; also how long sent bytes may stay
  // unacknowledged by the peer's TCP.
  absl::Duration connect_timeout = absl::Seconds(3);
  absl::Duration reply_timeout = absl::Seconds(5);
  // Whole seconds. A link silent for twice as long is lost.
  absl::Duration heartbeat = absl::Seconds(10);
  // What is longer arrives cut off.
  std::size_t body_bytes_max = std::size_t{1} << 20;
};

// INVALID_ARGUMENT unless Link::Open can use the url.
absl::Status CheckUrl(std::string_view url);

// One connection with one channel to a broker: RabbitMQ, or a simulated one.
//
// Threads: one. Publishing and consuming need a link each: a broker in alarm
//          stops reading a connection that has published, acks included.
// Errors:  after any non-OK Status but Declare's NOT_FOUND, PERMISSION_DENIED and
//          FAILED_PRECONDITION the link is lost: drop it, open another. Delivery
//          tags are worth nothing afterwards; the broker delivers again.
// Limits:  no call waits longer than LinkOptions allow. Heartbeats pass only
//          inside Next(): call it at least every `heartbeat`.
// Source:  rabbitmq-c amqp.h; rabbitmq.com "Heartbeats", "Alarms", "Confirms".
class Link {
 public:
  // To RabbitMQ.
  static absl::StatusOr<std::unique_ptr<Link>> Open(const LinkOptions& options);
  // Says goodbye to the broker unless the link is lost.
  virtual ~Link() = default;

  // Over a channel of its own. NOT_FOUND: a source exchange is not there yet; all
  // before it is declared. FAILED_PRECONDITION: one stands that differs, an exchange of
  // another type. UNAVAILABLE also where a queue that this link consumes
  // has no consumer: RabbitMQ 3.10 may forget one, without a word, whose queue is
  // deleted and at once declared anew.
  virtual absl::Status Declare(const Topology& topology) = 0;
  // With its bindings; their owners bind anew when they declare again.
  virtual absl::Status DeleteExchange(const std::string& name) = 0;

  // Asks for a Confirm for each message published from now on.
  virtual absl::Status EnableConfirms() = 0;
  // Sends persistent, mandatory messages. Returns the tag of the first; the next
  // ones follow one by one.
  virtual absl::StatusOr<std::uint64_t> Publish(std::string_view exchange,
                                                std::span<const Publication> messages) = 0;

  // Asks for deliveries, at most `prefetch_deliveries` of them unacked.
  virtual absl::Status Consume(const std::string& queue, std::uint16_t prefetch_deliveries) = 0;
  virtual absl::Status Send(std::span<const Ack> acks) = 0;
  // The broker moves the message to the dead-letter queue.
  virtual absl::Status Reject(std::uint64_t tag) = 0;

  // The next event; none if the deadline passes, `wakeup` is notified (which it
  // leaves untaken), or blocked() changes first. Keeps the heartbeats.
  virtual absl::StatusOr<std::optional<Event>> Next(host::Deadline deadline,
                                                    host::Wakeup& wakeup) = 0;
  // The same, not to be woken.
  absl::StatusOr<std::optional<Event>> Next(host::Deadline deadline) {
    return Next(deadline, *never_);
  }

  // The broker is in alarm: it takes no messages for now.
  virtual bool blocked() const = 0;

 private:
  const std::unique_ptr<host::Wakeup> never_ = host::NewWakeup();
};

// How a link is had: Link::Open, or a simulation's.
using Opener = std::function<absl::StatusOr<std::unique_ptr<Link>>(const LinkOptions&)>;

}  // namespace amqp

#endif  // PLATFORM_AMQP_LINK_H_

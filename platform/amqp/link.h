#ifndef PLATFORM_AMQP_LINK_H_
#define PLATFORM_AMQP_LINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/amqp/deadline.h"
#include "platform/amqp/message.h"
#include "platform/amqp/outstanding_tags.h"
#include "platform/amqp/topology.h"
#include "platform/amqp/wakeup.h"

struct amqp_connection_state_t_;  // rabbitmq-c's, for platform/amqp alone
struct amqp_frame_t_;

namespace amqp {

class FrameReader;

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

// One connection with one channel to RabbitMQ.
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
  static absl::StatusOr<std::unique_ptr<Link>> Open(const LinkOptions& options);
  // Says goodbye to the broker unless the link is lost.
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Over a channel of its own. NOT_FOUND: a source exchange is not there yet; all
  // before it is declared.
  absl::Status Declare(const Topology& topology);

  // Asks for a Confirm for each message published from now on.
  absl::Status EnableConfirms();
  // Sends persistent, mandatory messages. Returns the tag of the first; the next
  // ones follow one by one.
  absl::StatusOr<std::uint64_t> Publish(std::string_view exchange,
                                        std::span<const Publication> messages);

  // Asks for deliveries, at most `prefetch_deliveries` of them unacked.
  absl::Status Consume(const std::string& queue, std::uint16_t prefetch_deliveries);
  absl::Status Send(std::span<const Ack> acks);
  // The broker moves the message to the dead-letter queue.
  absl::Status Reject(std::uint64_t tag);

  // The next event; none if the deadline passes, `wakeup` is notified (which it
  // leaves untaken), or blocked() changes first. Keeps the heartbeats.
  absl::StatusOr<std::optional<Event>> Next(Deadline deadline, Wakeup& wakeup);
  // The same, not to be woken.
  absl::StatusOr<std::optional<Event>> Next(Deadline deadline) { return Next(deadline, never_); }

  // The broker is in alarm: it takes no messages for now.
  bool blocked() const { return blocked_; }

 private:
  struct Destroy {
    void operator()(amqp_connection_state_t_* state) const;
  };

  explicit Link(const LinkOptions& options);
  absl::Status Connect(const LinkOptions& options);
  absl::Status Login(const LinkOptions& options);
  absl::Status LimitSocketWaits(const LinkOptions& options);

  absl::StatusOr<std::optional<Event>> Read(const amqp_frame_t_& frame);
  absl::Status ReadConnectionMethod(const amqp_frame_t_& frame);
  int PublishOne(std::string_view exchange, const Publication& message);
  // Marks the link as lost; passes the status on.
  absl::Status Lost(absl::Status status);

  const std::unique_ptr<amqp_connection_state_t_, Destroy> state_;
  const std::unique_ptr<FrameReader> reader_;
  const absl::Duration wait_max_;
  Wakeup never_;
  std::uint64_t next_publish_tag_ = 1;
  bool open_ = false;
  bool blocked_ = false;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_LINK_H_

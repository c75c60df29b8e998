#ifndef PLATFORM_AMQP_RABBITMQ_LINK_H_
#define PLATFORM_AMQP_RABBITMQ_LINK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/amqp/frame_reader.h"
#include "platform/amqp/link.h"
#include "platform/amqp/rabbitmq.h"

namespace amqp {

// All but declarations goes over this one.
inline constexpr amqp_channel_t kChannel = 1;

// A Link over rabbitmq-c. For platform/amqp alone.
class RabbitmqLink final : public Link {
 public:
  // Not connected yet.
  explicit RabbitmqLink(const LinkOptions& options);
  ~RabbitmqLink() override;

  absl::Status Connect(const LinkOptions& options);
  absl::Status Login(const LinkOptions& options);
  absl::Status OpenChannel();

  absl::Status Declare(const Topology& topology) override;
  absl::Status DeleteExchange(const std::string& name) override;
  absl::Status EnableConfirms() override;
  absl::StatusOr<std::uint64_t> Publish(std::string_view exchange,
                                        std::span<const Publication> messages) override;
  absl::Status Consume(const std::string& queue, std::uint16_t prefetch_deliveries) override;
  absl::Status Send(std::span<const Ack> acks) override;
  absl::Status Reject(std::uint64_t tag) override;
  absl::StatusOr<std::optional<Event>> Next(host::Deadline deadline, host::Wakeup& wakeup) override;
  bool blocked() const override { return blocked_; }

 private:
  struct Destroy {
    void operator()(amqp_connection_state_t_* state) const { amqp_destroy_connection(state); }
  };

  absl::Status OverChannelOfItsOwn(absl::FunctionRef<absl::Status()> declare);
  absl::Status LimitSocketWaits(const LinkOptions& options);
  absl::StatusOr<std::optional<Event>> Read(const amqp_frame_t& frame);
  absl::Status ReadConnectionMethod(const amqp_frame_t& frame);
  int PublishOne(std::string_view exchange, const Publication& message);
  // Marks the link as lost; passes the status on.
  absl::Status Lost(absl::Status status);

  const std::unique_ptr<amqp_connection_state_t_, Destroy> state_;
  FrameReader reader_;
  const absl::Duration wait_max_;
  // Once it is consumed.
  std::string consumed_queue_;
  std::uint64_t next_publish_tag_ = 1;
  bool open_ = false;
  bool blocked_ = false;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_RABBITMQ_LINK_H_

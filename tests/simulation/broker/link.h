#ifndef TESTS_SIMULATION_BROKER_LINK_H_
#define TESTS_SIMULATION_BROKER_LINK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "platform/amqp/link.h"
#include "tests/simulation/broker/broker.h"

namespace simulation {

// A client's end of a connection to the simulated broker.
class SimulatedLink final : public amqp::Link {
 public:
  // Hears of each message that is acked, as the ack is sent.
  using Heard = std::function<void(const std::string& queue, const BrokerMessage&)>;

  SimulatedLink(Broker& broker, std::shared_ptr<Connection> connection, Heard acked);
  ~SimulatedLink() override;

  absl::Status Declare(const amqp::Topology& topology) override;
  absl::Status DeleteExchange(const std::string& name) override;
  absl::Status EnableConfirms() override;
  absl::StatusOr<std::uint64_t> Publish(std::string_view exchange,
                                        std::span<const amqp::Publication> messages) override;
  absl::Status Consume(const std::string& queue, std::uint16_t prefetch_deliveries) override;
  absl::Status Send(std::span<const amqp::Ack> acks) override;
  absl::Status Reject(std::uint64_t tag) override;
  absl::StatusOr<std::optional<amqp::Event>> Next(host::Deadline deadline,
                                                  host::Wakeup& wakeup) override;
  bool blocked() const override { return connection_->blocked; }

 private:
  // A question and its answer.
  absl::Status RoundTrip();
  // The link may break at any call.
  absl::Status MayBreak();
  void HearOfAcked(const amqp::Ack& ack);

  Broker& broker_;
  const std::shared_ptr<Connection> connection_;
  const Heard acked_;
  std::uint64_t next_publish_tag_ = 1;
  // As far as acks went out; the broker may not have them yet.
  std::map<std::uint64_t, std::shared_ptr<BrokerMessage>> outstanding_;
  SteadyTime last_read_;
};

amqp::Opener OpenerOf(Broker& broker, SimulatedLink::Heard acked);

}  // namespace simulation

#endif  // TESTS_SIMULATION_BROKER_LINK_H_

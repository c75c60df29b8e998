#ifndef PLATFORM_AMQP_CONFIRM_TRACKER_H_
#define PLATFORM_AMQP_CONFIRM_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/amqp/message.h"

namespace amqp {

// Which published messages the broker answers for.
//
// Each tag is resolved once, whatever the order of the answers: an answer for a
// tag that is unknown or resolved changes nothing. A returned message is refused
// although the broker accepts it afterwards (rabbitmq.com, "Publisher Confirms").
class ConfirmTracker {
 public:
  // Message ids are unique in one tracker.
  void Sent(std::uint64_t tag, std::string_view message_id);

  void On(const Confirm& confirm);
  void On(const Return& returned);

  std::size_t outstanding() const { return outstanding_.size(); }
  // Tags of the messages that are safe with the broker.
  const std::vector<std::uint64_t>& confirmed() const { return confirmed_; }
  // Tags of those that were returned or refused.
  const std::vector<std::uint64_t>& refused() const { return refused_; }

 private:
  void Resolve(std::uint64_t tag, const std::string& message_id, const Confirm& confirm);

  std::map<std::uint64_t, std::string> outstanding_;
  std::set<std::string> returned_;
  std::vector<std::uint64_t> confirmed_;
  std::vector<std::uint64_t> refused_;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_CONFIRM_TRACKER_H_

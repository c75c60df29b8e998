#ifndef PLATFORM_MESSAGING_APPLY_DECODED_H_
#define PLATFORM_MESSAGING_APPLY_DECODED_H_

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "platform/messaging/inbox_consumer.h"
#include "platform/pg/tx.h"

namespace messaging {

// Decodes each delivery and runs `apply` on those that decode, in their order.
// decode: (const Delivery&) -> absl::StatusOr<Event>
// apply:  (pg::Tx&, std::span<const Event>) -> std::vector<absl::Status>
// Answers per delivery: the decoding's error, or what `apply` answered.
template <typename Event, typename Decode, typename Apply>
std::vector<absl::Status> ApplyDecoded(pg::Tx& tx, std::span<const Delivery> deliveries,
                                       Decode decode, Apply apply) {
  std::vector<absl::Status> answers(deliveries.size());
  std::vector<Event> events;
  std::vector<std::size_t> delivery_of;  // each event's index in `deliveries`
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    absl::StatusOr<Event> event = decode(deliveries[i]);
    if (event.ok()) {
      events.push_back(*std::move(event));
      delivery_of.push_back(i);
    } else {
      answers[i] = event.status();
    }
  }
  if (events.empty()) return answers;
  std::vector<absl::Status> applied = apply(tx, std::span<const Event>(events));
  for (std::size_t i = 0; i < applied.size(); ++i) answers[delivery_of[i]] = std::move(applied[i]);
  return answers;
}

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_APPLY_DECODED_H_

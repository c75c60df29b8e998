#ifndef PLATFORM_MESSAGING_OUTBOX_H_
#define PLATFORM_MESSAGING_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

namespace messaging {

// An event on its way to the broker. It leaves once the transaction that appended
// it has committed; see outbox_relay.h.
struct OutboxMessage {
  // UUID v7 of the event; the AMQP message id. Made before the first try.
  types::Uuid event_id;
  // Full protobuf name; also the routing key. At most 255 bytes.
  std::string type;
  // The order's id.
  types::Uuid correlation_id;
  // What systems can be sharded by: the user's id.
  std::string partition_key;
  std::string payload;
  // W3C traceparent of the call that caused the event, or empty.
  std::string trace;
};

// Adds the messages to the outbox inside the caller's transaction. One whose id is
// there already stays as it is.
void AppendToOutbox(pg::Tx& tx, std::span<const OutboxMessage> messages);

// Takes up to `rows_max` rows after `after` in the order of their ids, leaving out
// those that another transaction holds; no other claim gets them while this
// transaction is open.
std::vector<OutboxMessage> ClaimOutbox(pg::Tx& tx, const types::Uuid& after, std::size_t rows_max);

// Deletes messages that the broker has confirmed.
void DeleteFromOutbox(pg::Tx& tx, std::span<const std::string> event_ids);

// Whether an event has waited for the broker for longer than `age`, by the
// database's clock.
bool OutboxIsLate(pg::Tx& tx, absl::Duration age);

// To be prepared by every pool whose transactions call the above.
std::vector<pg::Statement> OutboxStatements();

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_OUTBOX_H_

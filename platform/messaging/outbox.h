#ifndef PLATFORM_MESSAGING_OUTBOX_H_
#define PLATFORM_MESSAGING_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "platform/pg/array.h"
#include "platform/pg/statement.h"
#include "platform/pg/tx.h"
#include "platform/types/uuid.h"

namespace messaging {

// An event on its way to the broker. It leaves once the transaction that appended
// it has committed; see outbox_relay.h.
struct OutboxMessage {
  // UUID v7 of the event. Made before the first try.
  types::Uuid event_id;
  // Full protobuf name. At most 255 bytes.
  std::string type;
  // The order's id.
  types::Uuid correlation_id;
  // What systems can be sharded by: the user's id.
  std::string partition_key;
  std::string payload;
  // W3C traceparent of the call that caused the event, or empty.
  std::string trace;
};

// How a statement puts messages into the outbox, written in terms of the places of their columns
// (OutboxColumns) among its parameters. It goes on with a WHERE, of `message`, where not all of
// them are to be there.
#define OUTBOX_INSERT(event_ids, types, correlation_ids, partition_keys, payloads, traces) \
  " INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)"    \
  " SELECT event_id, type, correlation_id, partition_key, payload, trace"                  \
  " FROM unnest(" event_ids "::uuid[], " types "::text[], " correlation_ids                \
  "::uuid[], " partition_keys "::text[], " payloads "::bytea[], " traces                   \
  "::text[])"                                                                              \
  " AS message (event_id, type, correlation_id, partition_key, payload, trace) "

struct OutboxColumns {
  pg::Array event_ids, types, correlation_ids, partition_keys, payloads, traces;
};
OutboxColumns ToColumns(std::span<const OutboxMessage> messages);

// Where a transaction puts its events.
class Outbox {
 public:
  using HandOver = std::function<void(std::vector<OutboxMessage>)>;

  // `hand_over` is given the events of each transaction that has committed, on the thread
  // that ran it; without it they wait until a relay finds them.
  explicit Outbox(HandOver hand_over = nullptr) : hand_over_(std::move(hand_over)) {}

  // Adds the messages inside the caller's transaction. One whose id is there already
  // stays as it is.
  void Append(pg::Tx& tx, std::vector<OutboxMessage> messages) const;
  // Of those that a statement of the caller's added (OUTBOX_INSERT), once it has committed.
  void HandOverAfterCommit(pg::Tx& tx, std::vector<OutboxMessage> messages) const;

 private:
  const HandOver hand_over_;
};

// Which rows a claim is after.
struct Claim {
  // Those with greater ids.
  types::Uuid after;
  // By the database's clock.
  absl::Duration age_min;
  std::size_t rows_max;
};

// Takes rows in the order of their ids, leaving out those that another transaction holds;
// no other claim gets them while this transaction is open.
std::vector<OutboxMessage> ClaimOutbox(pg::Tx& tx, const Claim& claim);

// Deletes messages that the broker has confirmed.
void DeleteFromOutbox(pg::Tx& tx, std::span<const types::Uuid> event_ids);

// Whether an event has waited for the broker for longer than `age`, by the
// database's clock.
bool OutboxIsLate(pg::Tx& tx, absl::Duration age);

// To be prepared by every pool whose transactions call the above.
std::vector<pg::Statement> OutboxStatements();

}  // namespace messaging

#endif  // PLATFORM_MESSAGING_OUTBOX_H_

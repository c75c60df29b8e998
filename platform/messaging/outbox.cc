#include "platform/messaging/outbox.h"

#include <utility>

#include "platform/check/check.h"
#include "platform/pg/array.h"

namespace messaging {
namespace {

constexpr std::size_t kTypeBytesMax = 255;

// A run again after a commit in doubt finds its own rows.
constexpr pg::Statement kAppend{"outbox_append", R"sql(
    INSERT INTO outbox (event_id, type, correlation_id, partition_key, payload, trace)
    SELECT event_id, type, correlation_id, partition_key, payload, trace
      FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::text[])
           AS message (event_id, type, correlation_id, partition_key, payload, trace)
        ON CONFLICT (event_id) DO NOTHING)sql"};

constexpr pg::Statement kClaim{"outbox_claim", R"sql(
    SELECT event_id, type, correlation_id, partition_key, payload, trace
      FROM outbox
     WHERE event_id > $1
       AND create_time <= now() - $2::bigint * interval '1 microsecond'
     ORDER BY event_id
     LIMIT $3
       FOR UPDATE SKIP LOCKED)sql"};

constexpr pg::Statement kDelete{"outbox_delete", R"sql(
    DELETE FROM outbox
     WHERE event_id = ANY ($1::uuid[]))sql"};

// In the order of the claims, so that it reads what they read.
constexpr pg::Statement kSelectLate{"outbox_select_late", R"sql(
    SELECT event_id
      FROM outbox
     WHERE create_time < now() - $1::bigint * interval '1 microsecond'
     ORDER BY event_id
     LIMIT 1)sql"};

}  // namespace

void Outbox::Append(pg::Tx& tx, std::vector<OutboxMessage> messages) const {
  if (messages.empty()) return;
  pg::Array event_ids, types, correlation_ids, partition_keys, payloads, traces;
  for (const OutboxMessage& message : messages) {
    CHECK(!message.type.empty() && message.type.size() <= kTypeBytesMax);
    event_ids.Add(message.event_id);
    types.Add(message.type);
    correlation_ids.Add(message.correlation_id);
    partition_keys.Add(message.partition_key);
    payloads.AddBytes(message.payload);
    traces.Add(message.trace);
  }
  tx.Exec(kAppend, std::move(event_ids), std::move(types), std::move(correlation_ids),
          std::move(partition_keys), std::move(payloads), std::move(traces));
  if (!hand_over_) return;
  tx.AfterCommit(
      [this, messages = std::move(messages)]() mutable { hand_over_(std::move(messages)); });
}

std::vector<OutboxMessage> ClaimOutbox(pg::Tx& tx, const Claim& claim) {
  const pg::Result rows = tx.Exec(kClaim, claim.after, absl::ToInt64Microseconds(claim.age_min),
                                  static_cast<std::int64_t>(claim.rows_max));
  std::vector<OutboxMessage> messages;
  messages.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const pg::Row row = rows[i];
    messages.push_back({.event_id = row.Uuid(0),
                        .type = std::string(row.Text(1)),
                        .correlation_id = row.Uuid(2),
                        .partition_key = std::string(row.Text(3)),
                        .payload = row.Bytes(4),
                        .trace = std::string(row.Text(5))});
  }
  return messages;
}

void DeleteFromOutbox(pg::Tx& tx, std::span<const std::string> event_ids) {
  pg::Array ids;
  for (const std::string& id : event_ids) ids.Add(id);
  tx.Exec(kDelete, std::move(ids));
}

bool OutboxIsLate(pg::Tx& tx, absl::Duration age) {
  return !tx.Exec(kSelectLate, absl::ToInt64Microseconds(age)).empty();
}

std::vector<pg::Statement> OutboxStatements() { return {kAppend, kClaim, kDelete, kSelectLate}; }

}  // namespace messaging

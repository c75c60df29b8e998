#include "platform/messaging/outbox.h"

#include <utility>

#include "platform/check/check.h"

namespace messaging {
namespace {

constexpr std::size_t kTypeBytesMax = 255;

// A run again after a commit in doubt finds its own rows.
constexpr pg::Statement kAppend{
    "outbox_append",
    OUTBOX_INSERT("$1", "$2", "$3", "$4", "$5", "$6") "ON CONFLICT (event_id) DO NOTHING"};

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

OutboxColumns ToColumns(std::span<const OutboxMessage> messages) {
  OutboxColumns columns;
  for (const OutboxMessage& message : messages) {
    CHECK(!message.type.empty() && message.type.size() <= kTypeBytesMax);
    columns.event_ids.Add(message.event_id);
    columns.types.Add(message.type);
    columns.correlation_ids.Add(message.correlation_id);
    columns.partition_keys.Add(message.partition_key);
    columns.payloads.AddBytes(message.payload);
    columns.traces.Add(message.trace);
  }
  return columns;
}

void Outbox::Append(pg::Tx& tx, std::vector<OutboxMessage> messages) const {
  if (messages.empty()) return;
  OutboxColumns columns = ToColumns(messages);
  tx.Exec(kAppend, std::move(columns.event_ids), std::move(columns.types),
          std::move(columns.correlation_ids), std::move(columns.partition_keys),
          std::move(columns.payloads), std::move(columns.traces));
  HandOverAfterCommit(tx, std::move(messages));
}

void Outbox::HandOverAfterCommit(pg::Tx& tx, std::vector<OutboxMessage> messages) const {
  if (!hand_over_ || messages.empty()) return;
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

void DeleteFromOutbox(pg::Tx& tx, std::span<const types::Uuid> event_ids) {
  pg::Array ids;
  for (const types::Uuid& id : event_ids) ids.Add(id);
  tx.Exec(kDelete, std::move(ids));
}

bool OutboxIsLate(pg::Tx& tx, absl::Duration age) {
  return !tx.Exec(kSelectLate, absl::ToInt64Microseconds(age)).empty();
}

std::vector<pg::Statement> OutboxStatements() { return {kAppend, kClaim, kDelete, kSelectLate}; }

}  // namespace messaging

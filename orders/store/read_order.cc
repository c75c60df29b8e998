#include "orders/store/read_order.h"

#include <optional>
#include <string>

#include "orders/store/status_names.h"
#include "platform/check/check.h"

namespace orders {
namespace {

std::optional<IdempotencyKey> ReadKey(const pg::Row& row, std::size_t column) {
  if (row.IsNull(column)) return std::nullopt;
  std::optional<IdempotencyKey> key = IdempotencyKey::Parse(row.Text(column));
  CHECK(key.has_value());
  return key;
}

}  // namespace

UserId ReadUserId(const pg::Row& row, std::size_t column) {
  const std::optional<UserId> user_id = UserId::Parse(row.Text(column));
  CHECK(user_id.has_value());
  return *user_id;
}

Order ReadOrder(const pg::Row& row) {
  return {.id = OrderId(row.Uuid(0)),
          .user_id = ReadUserId(row, 1),
          .amount = Money::FromMinorUnits(row.Int64(2)),
          .description = std::string(row.Text(3)),
          .status = OrderStatusFromColumn(row.Text(4)),
          .cancel_reason =
              row.IsNull(5) ? std::nullopt : std::optional(CancelReasonFromColumn(row.Text(5))),
          .create_time = row.Time(6),
          .update_time = row.Time(7),
          .idempotency_key = ReadKey(row, 8)};
}

}  // namespace orders

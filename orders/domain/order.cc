#include "orders/domain/order.h"

#include <utility>

#include "platform/check/check.h"

namespace orders {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

bool IsForbiddenAscii(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f;
}

}  // namespace

bool IsValidDescription(std::string_view text) {
  std::size_t characters = 0;
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsForbiddenAscii(byte)) return false;
    // U+0080 to U+009F, the other control characters, are C2 80 to C2 9F.
    if (before == 0xc2 && byte < 0xa0) return false;
    if (!IsContinuation(byte) && ++characters > kDescriptionCharactersMax) return false;
    before = byte;
  }
  return true;
}

Order NewOrder(UserId user_id, Money amount, std::string description, absl::Time now) {
  CHECK(amount > Money::FromMinorUnits(0));
  CHECK(IsValidDescription(description));
  return {.id = OrderId::New(now),
          .user_id = std::move(user_id),
          .amount = amount,
          .description = std::move(description),
          .status = OrderStatus::kNew,
          .cancel_reason = std::nullopt,
          .create_time = now,
          .update_time = now,
          .idempotency_key = std::nullopt};
}

Order AsCreated(Order order) {
  order.status = OrderStatus::kNew;
  order.cancel_reason.reset();
  order.update_time = order.create_time;
  return order;
}

bool AskForTheSame(const Order& one, const Order& other) {
  return one.amount == other.amount && one.description == other.description;
}

}  // namespace orders

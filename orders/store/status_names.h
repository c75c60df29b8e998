#ifndef ORDERS_STORE_STATUS_NAMES_H_
#define ORDERS_STORE_STATUS_NAMES_H_

#include <string_view>

#include "orders/domain/order.h"

namespace orders {

// The words of the columns status and cancel_reason. Parsing any other word
// aborts: the table's CHECKs allow none.
std::string_view ToColumn(OrderStatus status);
std::string_view ToColumn(CancelReason reason);
OrderStatus OrderStatusFromColumn(std::string_view word);
CancelReason CancelReasonFromColumn(std::string_view word);

}  // namespace orders

#endif  // ORDERS_STORE_STATUS_NAMES_H_

#include "orders/store/status_names.h"

#include "platform/check/check.h"

namespace orders {

std::string_view ToColumn(OrderStatus status) {
  switch (status) {
    case OrderStatus::kNew:
      return "NEW";
    case OrderStatus::kFinished:
      return "FINISHED";
    case OrderStatus::kCancelled:
      return "CANCELLED";
  }
  CHECK(false);
}

std::string_view ToColumn(CancelReason reason) {
  switch (reason) {
    case CancelReason::kInsufficientFunds:
      return "INSUFFICIENT_FUNDS";
    case CancelReason::kAccountNotFound:
      return "ACCOUNT_NOT_FOUND";
  }
  CHECK(false);
}

OrderStatus OrderStatusFromColumn(std::string_view word) {
  for (const OrderStatus status :
       {OrderStatus::kNew, OrderStatus::kFinished, OrderStatus::kCancelled}) {
    if (word == ToColumn(status)) return status;
  }
  CHECK(false);
}

CancelReason CancelReasonFromColumn(std::string_view word) {
  for (const CancelReason reason :
       {CancelReason::kInsufficientFunds, CancelReason::kAccountNotFound}) {
    if (word == ToColumn(reason)) return reason;
  }
  CHECK(false);
}

}  // namespace orders

#include "platform/rpc/status.h"

#include <string>

#include "google_rpc.pb.h"
#include "platform/observability/log.h"
#include "platform/types/error.h"

namespace rpc {
namespace {

// Gives a status without a reason the one that its code stands for.
absl::Status WithReason(const absl::Status& status) {
  if (!types::ReasonOf(status).empty()) return status;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return types::Error(status.code(), "UNAVAILABLE", "try again later");
    case absl::StatusCode::kDeadlineExceeded:
      return types::Error(status.code(), "DEADLINE_EXCEEDED", "not done before the deadline");
    case absl::StatusCode::kCancelled:
      return types::Error(status.code(), "CANCELLED", "the caller gave up");
    case absl::StatusCode::kResourceExhausted:
      return OverloadedError();
    default:
      observability::Log(observability::Level::kError, "internal error",
                         {{"status", status.ToString()}});
      return types::Error(absl::StatusCode::kInternal, "INTERNAL", "internal error");
  }
}

std::string DetailsOf(const absl::Status& status, absl::string_view domain) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));

  google::rpc::ErrorInfo info;
  info.set_reason(types::ReasonOf(status));
  info.set_domain(std::string(domain));
  details.add_details()->PackFrom(info);

  if (const std::string field = types::FieldOf(status); !field.empty()) {
    google::rpc::BadRequest bad_request;
    auto* const violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(std::string(status.message()));
    details.add_details()->PackFrom(bad_request);
  }
  return details.SerializeAsString();
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view domain) {
  if (status.ok()) return grpc::Status::OK;
  const absl::Status told = WithReason(status);
  return grpc::Status(static_cast<grpc::StatusCode>(told.code()), std::string(told.message()),
                      DetailsOf(told, domain));
}

absl::Status OverloadedError() {
  return types::Error(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                      "too many calls at once, try again later");
}

}  // namespace rpc

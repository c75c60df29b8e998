#include "platform/rpc/status.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "google_rpc.pb.h"
#include "gtest/gtest.h"
#include "platform/types/error.h"

namespace rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return std::nullopt;
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

std::string ReasonOf(const grpc::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

TEST(ToGrpcStatusTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus(), "orders").ok()); }

TEST(ToGrpcStatusTest, CarriesReasonAndDomain) {
  const grpc::Status status = ToGrpcStatus(
      types::Error(absl::StatusCode::kNotFound, "ORDER_NOT_FOUND", "no such order"), "orders");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no such order");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->reason(), "ORDER_NOT_FOUND");
  EXPECT_EQ(info->domain(), "orders");
  EXPECT_FALSE(DetailOf<google::rpc::BadRequest>(status));
}

TEST(ToGrpcStatusTest, DetailsRepeatCodeAndMessageUnderThePublicTypeNames) {
  const grpc::Status status =
      ToGrpcStatus(types::FieldError("INVALID_AMOUNT", "amount", "too small"), "orders");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), 3);
  EXPECT_EQ(details.message(), "too small");
  ASSERT_EQ(details.details_size(), 2);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(details.details(1).type_url(), "type.googleapis.com/google.rpc.BadRequest");
}

TEST(ToGrpcStatusTest, NamesTheFieldAtFault) {
  const grpc::Status status =
      ToGrpcStatus(types::FieldError("INVALID_AMOUNT", "amount", "too small"), "orders");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad_request);
  ASSERT_EQ(bad_request->field_violations_size(), 1);
  EXPECT_EQ(bad_request->field_violations(0).field(), "amount");
  EXPECT_EQ(bad_request->field_violations(0).description(), "too small");
}

TEST(ToGrpcStatusTest, AStatusWithoutReasonKeepsAPassingCodeButNotItsText) {
  const struct {
    absl::StatusCode code;
    grpc::StatusCode told;
    std::string reason;
  } cases[] = {
      {absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE, "UNAVAILABLE"},
      {absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED,
       "DEADLINE_EXCEEDED"},
      {absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED, "CANCELLED"},
      {absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED"},
  };
  for (const auto& c : cases) {
    const grpc::Status status = ToGrpcStatus(absl::Status(c.code, "host=10.0.0.1"), "orders");
    EXPECT_EQ(status.error_code(), c.told);
    EXPECT_EQ(ReasonOf(status), c.reason);
    EXPECT_THAT(status.error_message(), Not(HasSubstr("10.0.0.1")));
  }
}

TEST(ToGrpcStatusTest, AnyOtherStatusWithoutReasonIsInternalAndLogged) {
  for (const absl::StatusCode code :
       {absl::StatusCode::kInternal, absl::StatusCode::kUnknown, absl::StatusCode::kNotFound,
        absl::StatusCode::kInvalidArgument, absl::StatusCode::kAborted}) {
    CaptureStderr();
    const grpc::Status status = ToGrpcStatus(absl::Status(code, "SELECT secret"), "orders");
    EXPECT_THAT(GetCapturedStderr(), HasSubstr("SELECT secret"));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(ReasonOf(status), "INTERNAL");
    EXPECT_EQ(status.error_message(), "internal error");
    EXPECT_THAT(status.error_details(), Not(HasSubstr("SELECT")));
  }
}

}  // namespace
}  // namespace rpc

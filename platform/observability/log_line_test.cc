#include "platform/observability/log_line.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace observability {
namespace {

using ::testing::EndsWith;

std::string LineWith(std::string value) {
  return LogLine(absl::UnixEpoch(), Level::kInfo, "orders", "m", {{"value", std::move(value)}});
}

TEST(LogLineTest, IsOneJsonObjectWithTheFieldsInOrder) {
  EXPECT_EQ(LogLine(absl::FromUnixMicros(1'700'000'000'000'001), Level::kWarning, "orders",
                    "link lost", {{"order_id", "7"}, {"attempt", "2"}}),
            R"({"time":"2023-11-14T22:13:20.000001Z","level":"warning","service":"orders",)"
            R"("message":"link lost","order_id":"7","attempt":"2"})");
}

TEST(LogLineTest, EscapesWhatWouldEndTheStringOrTheLine) {
  EXPECT_THAT(LineWith("a\"b\\c\nd\te\x7f"), EndsWith(R"("value":"a\"b\\c\nd\u0009e\u007f"})"));
  EXPECT_THAT(LineWith(std::string("\0", 1)), EndsWith(R"("value":"\u0000"})"));
}

TEST(LogLineTest, KeepsUtf8) { EXPECT_THAT(LineWith("é€😀"), EndsWith(R"("value":"é€😀"})")); }

TEST(LogLineTest, ReplacesBytesThatAreNotUtf8) {
  EXPECT_THAT(LineWith("a\xff"), EndsWith(R"("value":"a\ufffd"})"));
  EXPECT_THAT(LineWith("\xc0\xaf"), EndsWith(R"("value":"\ufffd\ufffd"})"));
  EXPECT_THAT(LineWith("\xe2\x82"), EndsWith(R"("value":"\ufffd\ufffd"})"));
  EXPECT_THAT(LineWith("\xed\xa0\x80"), EndsWith(R"("value":"\ufffd\ufffd\ufffd"})"));
  EXPECT_THAT(LineWith("\xf4\x90\x80\x80"), EndsWith(R"("value":"\ufffd\ufffd\ufffd\ufffd"})"));
}

}  // namespace
}  // namespace observability

#include "platform/pg/array.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace pg {
namespace {

TEST(ArrayTest, OfNothingIsEmpty) { EXPECT_EQ(Array().Take(), "{}"); }

TEST(ArrayTest, QuotesTextSoThatNoByteEndsTheElement) {
  Array array;
  array.Add(std::string_view("plain"));
  array.Add(std::string_view("a\"b\\c,{}"));
  array.Add(std::string_view(""));
  array.Add(std::string_view("NULL"));
  EXPECT_EQ(std::move(array).Take(), R"({"plain","a\"b\\c,{}","","NULL"})");
}

TEST(ArrayTest, WritesNumbersIdsAndNulls) {
  Array array;
  array.Add(std::int64_t{-7});
  array.AddNull();
  array.Add(*types::Uuid::Parse("018F6C2E-0000-7000-8000-0123456789AB"));
  EXPECT_EQ(std::move(array).Take(), "{-7,NULL,018f6c2e-0000-7000-8000-0123456789ab}");
}

TEST(ArrayTest, WritesBytesInHex) {
  Array array;
  array.AddBytes(std::string_view("\0\xff", 2));
  EXPECT_EQ(std::move(array).Take(), R"({"\\x00ff"})");
}

TEST(ArrayTest, WritesTimesInUtcWithMicroseconds) {
  EXPECT_EQ(ToText(absl::FromUnixMicros(1700000000123456)), "2023-11-14T22:13:20.123456Z");
}

}  // namespace
}  // namespace pg

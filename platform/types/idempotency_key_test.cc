#include "platform/types/idempotency_key.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace types {
namespace {

using ::testing::Eq;

TEST(IdempotencyKeyTest, KeepsWhatItIsGiven) {
  for (const char* text : {"k", "!", "~", "\"", "a\"b", "6f1c:a,b/c'd\\", "{[k]}"}) {
    const auto key = IdempotencyKey::Parse(text);
    ASSERT_TRUE(key) << text;
    EXPECT_EQ(key->ToString(), text);
  }
}

TEST(IdempotencyKeyTest, CaseCounts) {
  EXPECT_NE(IdempotencyKey::Parse("key"), IdempotencyKey::Parse("Key"));
}

TEST(IdempotencyKeyTest, TakesAtMost255Characters) {
  EXPECT_TRUE(IdempotencyKey::Parse(std::string(255, 'k')));
  EXPECT_THAT(IdempotencyKey::Parse(std::string(256, 'k')), Eq(std::nullopt));
}

TEST(IdempotencyKeyTest, RefusesEverythingElse) {
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("a b"), std::string("k "), std::string("k\t"),
        std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f"), std::string("\xc3\xa9"),
        std::string("\xff")}) {
    EXPECT_THAT(IdempotencyKey::Parse(text), Eq(std::nullopt)) << text;
  }
}

}  // namespace
}  // namespace types

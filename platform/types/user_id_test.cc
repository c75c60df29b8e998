#include "platform/types/user_id.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace types {
namespace {

using ::testing::Eq;

TEST(UserIdTest, KeepsWhatItIsGiven) {
  for (const char* text : {"u", "7", "u1", "Ann.Lee_2@example.org", "tenant:42-a", "0-"}) {
    const auto user = UserId::Parse(text);
    ASSERT_TRUE(user) << text;
    EXPECT_EQ(user->ToString(), text);
  }
}

TEST(UserIdTest, CaseCounts) { EXPECT_NE(UserId::Parse("ann"), UserId::Parse("Ann")); }

TEST(UserIdTest, TakesAtMost64Bytes) {
  EXPECT_TRUE(UserId::Parse(std::string(64, 'a')));
  EXPECT_THAT(UserId::Parse(std::string(65, 'a')), Eq(std::nullopt));
}

TEST(UserIdTest, BeginsWithALetterOrDigit) {
  for (const char* text : {".a", "_a", "@a", ":a", "-a"}) {
    EXPECT_THAT(UserId::Parse(text), Eq(std::nullopt)) << text;
  }
}

TEST(UserIdTest, RefusesEverythingElse) {
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("a b"), std::string("a "), std::string("a,b"),
        std::string("a/b"), std::string("a'b"), std::string("a\nb"), std::string("a\0b", 3),
        std::string("\xc3\xa9t\xc3\xa9"), std::string("a\xff")}) {
    EXPECT_THAT(UserId::Parse(text), Eq(std::nullopt)) << text;
  }
}

}  // namespace
}  // namespace types

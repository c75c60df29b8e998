#include "platform/types/paging.h"

#include "gtest/gtest.h"
#include "platform/types/error.h"

namespace types {
namespace {

const UserId kUser = *UserId::Parse("u1");

TEST(PageSizeTest, HasADefaultAndAMost) {
  EXPECT_EQ(ParsePageSize(0).value(), 50);
  EXPECT_EQ(ParsePageSize(1).value(), 1);
  EXPECT_EQ(ParsePageSize(200).value(), 200);
  EXPECT_EQ(ParsePageSize(1000).value(), 200);
  EXPECT_EQ(FieldOf(ParsePageSize(-1).status()), "page_size");
}

TEST(PageTokenTest, GivesBackItsKey) {
  const std::string token = EncodePageToken(kUser, "orders:NEW", "some key");
  EXPECT_EQ(DecodePageToken(kUser, "orders:NEW", token).value(), "some key");
}

TEST(PageTokenTest, IsBoundToUserAndScope) {
  const std::string token = EncodePageToken(kUser, "orders", "key");
  EXPECT_FALSE(DecodePageToken(*UserId::Parse("u2"), "orders", token).ok());
  EXPECT_FALSE(DecodePageToken(kUser, "ledger", token).ok());
}

TEST(PageTokenTest, RefusesWhatWasNotMadeHere) {
  for (const char* token : {"", "!", "AAAA", "dTE"}) {
    const absl::Status status = DecodePageToken(kUser, "orders", token).status();
    EXPECT_EQ(ReasonOf(status), "INVALID_PAGE_TOKEN") << token;
  }
  EXPECT_FALSE(DecodePageToken(kUser, "orders", std::string(100000, 'A')).ok());
}

}  // namespace
}  // namespace types

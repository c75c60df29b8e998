#include "platform/types/uuid.h"

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "platform/types/strong_id.h"

namespace types {
namespace {

using ::testing::Eq;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr char kExample[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // RFC 9562, A.6
const absl::Time kExampleTime = absl::FromUnixMillis(0x017f22e279b0);

TEST(UuidTest, ParsesAndPrintsTheSameText) {
  const auto id = Uuid::Parse(kExample);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->ToString(), kExample);
}

TEST(UuidTest, ParsesUpperCaseAndPrintsLowerCase) {
  const auto id = Uuid::Parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->ToString(), kExample);
}

TEST(UuidTest, RefusesEveryOtherForm) {
  const std::string example = kExample;
  for (const std::string& text : std::vector<std::string>{
           "", "1", "{" + example + "}", "urn:uuid:" + example, " " + example, example + " ",
           example + "0", example.substr(1), "017f22e279b07cc398c4dc0c0c07398f",
           "017f22e27-9b0-7cc3-98c4-dc0c0c07398f", "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
           "017f22e2-79b0-7cc3-98c4-dc0c0c0739-f", std::string(36, '-'), std::string(36, '0'),
           std::string(36, '\0'), std::string(36, '\xff')}) {
    EXPECT_THAT(Uuid::Parse(text), Eq(std::nullopt)) << text;
  }
}

TEST(UuidTest, EveryTextWithOneByteChangedIsRefusedOrAnotherUuid) {
  const std::string example = kExample;
  const auto id = Uuid::Parse(example);
  for (std::size_t at = 0; at < example.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = example;
      text[at] = static_cast<char>(byte);
      const auto parsed = Uuid::Parse(text);
      if (parsed == id) continue;
      if (parsed) {
        EXPECT_NE(parsed->ToString(), example);
      }
    }
  }
}

TEST(UuidTest, V7CarriesItsTimeVersionAndVariant) {
  const std::string text = Uuid::V7(kExampleTime).ToString();
  EXPECT_THAT(text, StartsWith("017f22e2-79b0-"));
  EXPECT_THAT(text, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                 "[0-9a-f]{12}"));
}

TEST(UuidTest, V7SortsByTimeAsBytesAndAsText) {
  Uuid last = Uuid::V7(kExampleTime);
  for (int i = 1; i <= 1000; ++i) {
    const Uuid next = Uuid::V7(kExampleTime + absl::Milliseconds(i));
    EXPECT_LT(last, next);
    EXPECT_LT(last.ToString(), next.ToString());
    last = next;
  }
}

TEST(UuidTest, V7OfOneMillisecondAreAllDifferent) {
  std::set<Uuid> ids;
  for (int i = 0; i < 10'000; ++i) ids.insert(Uuid::V7(kExampleTime));
  EXPECT_EQ(ids.size(), 10'000u);
}

TEST(UuidTest, V7FloorIsNotAboveAnyIdOfItsTimeAndAboveAllEarlierOnes) {
  const Uuid floor = Uuid::V7Floor(kExampleTime);
  EXPECT_EQ(floor.ToString(), "017f22e2-79b0-7000-8000-000000000000");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_LE(floor, Uuid::V7(kExampleTime));
    EXPECT_GT(floor, Uuid::V7(kExampleTime - absl::Milliseconds(1)));
  }
}

TEST(StrongIdTest, IsItsUuidUnderANameOfItsOwn) {
  using ThingId = StrongId<struct ThingTag>;
  const auto id = ThingId::Parse(kExample);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->ToString(), kExample);
  EXPECT_EQ(*id, ThingId(*Uuid::Parse(kExample)));
  EXPECT_THAT(ThingId::Parse("x"), Eq(std::nullopt));
  EXPECT_LT(ThingId::New(kExampleTime), ThingId::New(kExampleTime + absl::Milliseconds(1)));
}

}  // namespace
}  // namespace types

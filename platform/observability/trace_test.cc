#include "platform/observability/trace.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace observability {
namespace {

using ::testing::Eq;
using ::testing::MatchesRegex;

constexpr char kExample[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceTest, ParsesAndPrintsTheSameText) {
  const auto trace = Trace::Parse(kExample);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->ToString(), kExample);
  EXPECT_EQ(trace->trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace->span_id(), "b7ad6b7169203331");
}

TEST(TraceTest, TakesWhatItKnowsOfALaterVersion) {
  const std::string later = "01" + std::string(kExample).substr(2);
  for (const std::string& text : {later, later + "-", later + "-what comes"}) {
    const auto trace = Trace::Parse(text);
    ASSERT_TRUE(trace) << text;
    EXPECT_EQ(trace->ToString(), kExample);
  }
}

TEST(TraceTest, RefusesMalformedValues) {
  const std::string example = kExample;
  for (const std::string& text : std::vector<std::string>{
           "", "00", example.substr(1), example + "-", example + "0", "ff" + example.substr(2),
           "0x" + example.substr(2), "01" + example.substr(2) + "0",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01"}) {
    EXPECT_THAT(Trace::Parse(text), Eq(std::nullopt)) << text;
  }
}

TEST(TraceTest, AChildStaysInItsTraceUnderASpanOfItsOwn) {
  const Trace parent = *Trace::Parse(kExample);
  const Trace child = parent.NewChild();
  EXPECT_EQ(child.trace_id(), parent.trace_id());
  EXPECT_NE(child.span_id(), parent.span_id());
  EXPECT_EQ(Trace::Parse(child.ToString()), child);
}

TEST(TraceTest, RootsAreValidNotSampledAndDifferent) {
  const Trace root = Trace::NewRoot();
  EXPECT_THAT(root.ToString(), MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  EXPECT_EQ(Trace::Parse(root.ToString()), root);
  EXPECT_NE(Trace::NewRoot().trace_id(), root.trace_id());
}

TEST(TraceTest, AMalformedParentStartsANewTrace) {
  EXPECT_EQ(Trace::ParseOrNew(kExample).ToString(), kExample);
  EXPECT_NE(Trace::ParseOrNew("x").trace_id(), Trace::ParseOrNew("x").trace_id());
}

}  // namespace
}  // namespace observability

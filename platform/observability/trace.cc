#include "platform/observability/trace.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

namespace observability {
namespace {

// 00-<trace id>-<span id>-<flags>
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kTraceIdSize = 32;
constexpr std::size_t kSpanIdAt = 36;
constexpr std::size_t kSpanIdSize = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kFlagsSize = 2;
constexpr std::size_t kSize = 55;

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsAllZeros(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

// 16 lower-case hex digits, never all zeros.
std::string RandomHex64() {
  thread_local absl::BitGen random;
  const auto number = absl::Uniform<std::uint64_t>(absl::IntervalClosed, random, 1,
                                                   std::numeric_limits<std::uint64_t>::max());
  return absl::StrCat(absl::Hex(number, absl::kZeroPad16));
}

}  // namespace

Trace::Trace(std::string trace_id, std::string span_id, std::string flags)
    : trace_id_(std::move(trace_id)), span_id_(std::move(span_id)), flags_(std::move(flags)) {}

std::optional<Trace> Trace::Parse(std::string_view traceparent) {
  if (traceparent.size() < kSize) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(kTraceIdAt, kTraceIdSize);
  const std::string_view span_id = traceparent.substr(kSpanIdAt, kSpanIdSize);
  const std::string_view flags = traceparent.substr(kFlagsAt, kFlagsSize);
  if (!IsLowerHex(version) || version == "ff") return std::nullopt;
  if (traceparent.size() > kSize && (version == "00" || traceparent[kSize] != '-')) {
    return std::nullopt;
  }
  for (const std::size_t hyphen : {kTraceIdAt - 1, kSpanIdAt - 1, kFlagsAt - 1}) {
    if (traceparent[hyphen] != '-') return std::nullopt;
  }
  if (!IsLowerHex(trace_id) || IsAllZeros(trace_id)) return std::nullopt;
  if (!IsLowerHex(span_id) || IsAllZeros(span_id)) return std::nullopt;
  if (!IsLowerHex(flags)) return std::nullopt;
  return Trace(std::string(trace_id), std::string(span_id), std::string(flags));
}

Trace Trace::NewRoot() { return Trace(RandomHex64() + RandomHex64(), RandomHex64(), "00"); }

Trace Trace::ParseOrNew(std::string_view traceparent) {
  const std::optional<Trace> parsed = Parse(traceparent);
  return parsed ? *parsed : NewRoot();
}

Trace Trace::NewChild() const { return Trace(trace_id_, RandomHex64(), flags_); }

std::string Trace::ToString() const {
  return absl::StrCat("00-", trace_id_, "-", span_id_, "-", flags_);
}

}  // namespace observability

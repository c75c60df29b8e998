// A traceparent that is accepted is written back as one that means the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/check/check.h"
#include "platform/observability/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::optional<observability::Trace> trace = observability::Trace::Parse(text);
  if (!trace) return 0;
  CHECK(observability::Trace::Parse(trace->ToString()) == trace);
  CHECK(trace->trace_id().size() == 32 && trace->span_id().size() == 16);
  CHECK(trace->NewChild().trace_id() == trace->trace_id());
  return 0;
}

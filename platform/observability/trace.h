#ifndef PLATFORM_OBSERVABILITY_TRACE_H_
#define PLATFORM_OBSERVABILITY_TRACE_H_

#include <optional>
#include <string>
#include <string_view>

namespace observability {

// Which trace some work belongs to: the W3C Trace Context header `traceparent`,
// carried in call metadata, outbox rows and message headers.
class Trace {
 public:
  // The value of a `traceparent` header of version 00, or of a later one as far
  // as version 00 reaches. Null if it is malformed.
  static std::optional<Trace> Parse(std::string_view traceparent);

  // A new trace, not sampled: sampling is decided by whoever starts a trace
  // outside.
  static Trace NewRoot();

  // The trace that `traceparent` names, a new one if it names none.
  static Trace ParseOrNew(std::string_view traceparent);

  // A step within this trace: same trace id and flags, a new span id.
  Trace NewChild() const;

  // A `traceparent` of version 00.
  std::string ToString() const;

  // 32 lower-case hex digits.
  const std::string& trace_id() const { return trace_id_; }
  // 16 lower-case hex digits.
  const std::string& span_id() const { return span_id_; }

  friend bool operator==(const Trace&, const Trace&) = default;

 private:
  Trace(std::string trace_id, std::string span_id, std::string flags);

  std::string trace_id_;
  std::string span_id_;
  std::string flags_;
};

}  // namespace observability

#endif  // PLATFORM_OBSERVABILITY_TRACE_H_

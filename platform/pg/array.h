#ifndef PLATFORM_PG_ARRAY_H_
#define PLATFORM_PG_ARRAY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "platform/types/uuid.h"

namespace pg {

// Timestamps travel as RFC 3339 UTC text with microseconds.
std::string ToText(absl::Time time);

// Builds the text form of a one-dimensional array parameter (`$1::uuid[]`),
// element by element. Any bytes but NUL are escaped correctly; `AddBytes`
// takes those too, for bytea[].
class Array {
 public:
  Array() : text_("{") {}

  void Add(std::string_view text);
  void Add(std::int64_t number);
  void Add(const types::Uuid& id);
  void Add(absl::Time time);
  void AddNull();
  void AddBytes(std::string_view bytes);

  // The parameter's text. Ends the building.
  std::string Take() &&;

 private:
  void Separate();

  std::string text_;
};

}  // namespace pg

#endif  // PLATFORM_PG_ARRAY_H_

#include "platform/amqp/outstanding_tags.h"

#include <algorithm>

namespace amqp {

std::vector<Ack> OutstandingTags::Settle(std::span<const std::uint64_t> tags) {
  std::vector<std::uint64_t> sorted(tags.begin(), tags.end());
  std::sort(sorted.begin(), sorted.end());
  for (const std::uint64_t tag : sorted) tags_.erase(tag);

  const auto single =
      tags_.empty() ? sorted.end() : std::lower_bound(sorted.begin(), sorted.end(), *tags_.begin());
  std::vector<Ack> acks;
  if (single != sorted.begin()) acks.push_back({.tag = *(single - 1), .multiple = true});
  for (auto it = single; it != sorted.end(); ++it) acks.push_back({.tag = *it, .multiple = false});
  return acks;
}

}  // namespace amqp

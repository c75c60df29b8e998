#ifndef PLATFORM_AMQP_OUTSTANDING_TAGS_H_
#define PLATFORM_AMQP_OUTSTANDING_TAGS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

namespace amqp {

// One basic.ack.
struct Ack {
  std::uint64_t tag = 0;
  bool multiple = false;

  friend bool operator==(const Ack&, const Ack&) = default;
};

// The deliveries of one link that are neither acked nor rejected yet.
//
// Guarantee: the acks for a set of tags cover exactly these tags. A `multiple`
// ack never reaches a delivery that is still outstanding.
class OutstandingTags {
 public:
  void Delivered(std::uint64_t tag) { tags_.insert(tags_.end(), tag); }
  void Rejected(std::uint64_t tag) { tags_.erase(tag); }

  // The fewest acks that cover `tags`, which stop being outstanding.
  std::vector<Ack> Settle(std::span<const std::uint64_t> tags);

  std::size_t size() const { return tags_.size(); }

 private:
  std::set<std::uint64_t> tags_;
};

}  // namespace amqp

#endif  // PLATFORM_AMQP_OUTSTANDING_TAGS_H_

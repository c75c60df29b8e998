#include "platform/rpc/streams.h"

#include <utility>
#include <vector>

#include "platform/rpc/status.h"
#include "platform/rpc/stream.h"

namespace rpc {

Streams::Streams(std::size_t open_max)
    : open_max_(open_max),
      open_count_(observability::NewGauge("rpc_streams_open", "Server streams open now.")) {}

void Streams::EndAll() {
  std::vector<std::shared_ptr<StreamCall>> open;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    open.assign(open_.begin(), open_.end());
  }
  for (const auto& stream : open) stream->Abort(absl::UnavailableError("stopping"));
}

absl::Status Streams::Enter(std::shared_ptr<StreamCall> stream) {
  const std::lock_guard lock(mutex_);
  if (ended_) return absl::UnavailableError("stopping");
  if (open_.size() >= open_max_) return OverloadedError();
  open_.insert(std::move(stream));
  open_count_.Set(static_cast<double>(open_.size()));
  return absl::OkStatus();
}

void Streams::Leave(const std::shared_ptr<StreamCall>& stream) {
  const std::lock_guard lock(mutex_);
  open_.erase(stream);
  open_count_.Set(static_cast<double>(open_.size()));
}

}  // namespace rpc

#ifndef PLATFORM_RPC_STREAM_H_
#define PLATFORM_RPC_STREAM_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "platform/rpc/caller.h"
#include "platform/rpc/reactor.h"
#include "platform/rpc/status.h"
#include "platform/rpc/streams.h"
#include "platform/rpc/worker_pool.h"

// The bridge from gRPC's server-streaming callback methods to handlers that know
// nothing of gRPC, beside the unary one in reactor.h. A stream costs no thread while
// it waits.
//
// Ends:     by its handler; at the call's deadline, which DeadlineLimits cut
//           (DEADLINE_EXCEEDED); at once when the client goes away; with Streams::EndAll.
// Metrics:  those of unary calls, counted at the end.

namespace rpc {

// A server-streaming call, whatever it sends. Safe from any thread.
class StreamCall : public std::enable_shared_from_this<StreamCall> {
 public:
  StreamCall(grpc::CallbackServerContext& context, const CallRules& rules, Streams& streams,
             const MethodMetrics& metrics);
  virtual ~StreamCall() = default;

  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  // As Call::caller().
  const absl::StatusOr<Caller>& caller() const { return caller_; }

  // Takes a place among the streams and sets the time limit. False: the call is ended.
  bool Begin();
  // Whether a stream that waited for a thread is to be run now. False: the call is ended.
  bool MayRun();

  // After what was sent. Only the first end counts.
  void End(const absl::Status& status);
  // Without what was not on its way yet. A client that does not take what is, is cut off
  // soon after.
  void Abort(const absl::Status& status);
  // `then` runs when the stream has ended, however; right away if it has.
  void AfterEnd(std::function<void()> then);

 protected:
  // What is to be done next with the reactor, by the one who is told so.
  enum class Step { kNothing, kWrite, kFinish };

  // Notes the end, unless there was one. The caller runs what is returned, and then Proceed.
  // Requires: mutex_ is held.
  std::vector<std::function<void()>> NoteEnd(const absl::Status& status);
  bool ended() const { return end_.has_value(); }

  // Picks the reply to write. Requires: mutex_ is held.
  virtual bool TakeNext() = 0;
  // False if there was none. Requires: mutex_ is held.
  virtual bool DropNext() = 0;
  // Only one at a time is under way, and Finish is the last. Not called with mutex_ held,
  // for gRPC may run the reaction before they return.
  virtual void StartWriteOfTaken() = 0;
  virtual void FinishWith(const grpc::Status& status) = 0;

  // Starts what is to be done next, unless something is under way.
  void Proceed();
  // Ends a write that the client does not take.
  void CutOff();
  void Written(bool ok);
  // gRPC is done with the call.
  void Over();

  std::mutex mutex_;

 private:
  void SetAlarm(grpc::Alarm& alarm, absl::Time at, void (*then)(StreamCall&));

  grpc::CallbackServerContext& context_;  // until finished_
  const absl::string_view domain_;
  const absl::Duration queue_limit_;
  Streams& streams_;
  const MethodMetrics& metrics_;
  const absl::Time arrival_;
  const absl::StatusOr<Caller> caller_;
  grpc::Alarm time_limit_;
  std::optional<grpc::Alarm> cut_off_;

  bool writing_ = false;
  bool cancelling_ = false;
  bool finished_ = false;
  std::optional<absl::Status> end_;
  std::vector<std::function<void()>> after_end_;
};

namespace internal {

template <typename Reply>
class StreamReactor final : public grpc::ServerWriteReactor<Reply>, public StreamCall {
 public:
  using StreamCall::StreamCall;

  // Keeps this until gRPC is done with it.
  void Own() { self_ = this->shared_from_this(); }

  enum class More { kMayFollow, kNone };

  void Send(Reply reply, More more) {
    std::vector<std::function<void()>> after_end;
    {
      const std::lock_guard lock(mutex_);
      if (ended()) return;
      next_ = std::move(reply);
      if (more == More::kNone) after_end = NoteEnd(absl::OkStatus());
    }
    for (const std::function<void()>& then : after_end) then();
    Proceed();
  }

  void OnWriteDone(bool ok) override { Written(ok); }
  void OnCancel() override { Abort(absl::CancelledError()); }
  void OnDone() override {
    Over();
    self_.reset();  // last: this may be gone after it
  }

 private:
  bool TakeNext() override {
    if (!next_) return false;
    taken_ = *std::exchange(next_, std::nullopt);
    return true;
  }
  bool DropNext() override { return std::exchange(next_, std::nullopt).has_value(); }
  void StartWriteOfTaken() override { this->StartWrite(&taken_); }
  void FinishWith(const grpc::Status& status) override { this->Finish(status); }

  std::optional<Reply> next_;
  Reply taken_;  // being written
  std::shared_ptr<StreamCall> self_;
};

}  // namespace internal

// What a handler has of its stream; a copy is the same stream. Safe from any thread.
// What comes after the end is dropped.
template <typename Reply>
class Stream {
 public:
  explicit Stream(std::shared_ptr<internal::StreamReactor<Reply>> reactor)
      : reactor_(std::move(reactor)) {}

  // Never blocks. A reply that waits behind one that is on its way is replaced: a client
  // that reads slowly misses what was in between, and costs no more memory for it.
  void Send(Reply reply) const {
    reactor_->Send(std::move(reply), internal::StreamReactor<Reply>::More::kMayFollow);
  }
  // Sends it and ends the stream with OK, in one: nothing gets in between.
  void SendLast(Reply reply) const {
    reactor_->Send(std::move(reply), internal::StreamReactor<Reply>::More::kNone);
  }
  void End(const absl::Status& status) const { reactor_->End(status); }
  void AfterEnd(std::function<void()> then) const { reactor_->AfterEnd(std::move(then)); }

 private:
  std::shared_ptr<internal::StreamReactor<Reply>> reactor_;
};

// For handlers whose beginning blocks: `handle(const Caller&, const Request&,
// Stream<Reply>)` runs on `pool`, and the stream stays open until something ends it. A
// full pool, or too many streams, are answered OVERLOADED. `streams` outlives the server.
template <typename Request, typename Reply, typename Handle>
grpc::ServerWriteReactor<Reply>* StreamOnPool(grpc::CallbackServerContext* context,
                                              const Request* request, const CallRules& rules,
                                              Streams& streams, WorkerPool& pool, Handle handle) {
  const auto stream = std::make_shared<internal::StreamReactor<Reply>>(
      *context, rules, streams, internal::MetricsOf<Request>());
  stream->Own();
  if (stream->Begin()) {
    // A copy: a stream may end, and gRPC's request go, before a thread comes free.
    const bool taken = pool.Submit([stream, request = *request, handle = std::move(handle)] {
      if (stream->MayRun()) handle(*stream->caller(), request, Stream<Reply>(stream));
    });
    if (!taken) stream->End(OverloadedError());
  }
  return stream.get();
}

}  // namespace rpc

#endif  // PLATFORM_RPC_STREAM_H_

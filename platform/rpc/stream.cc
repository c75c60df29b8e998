#include "platform/rpc/stream.h"

#include "absl/time/clock.h"
#include "platform/types/error.h"

namespace rpc {
namespace {

// For a client that is there to take what is on its way to it, so that it is told the end as
// well; short beside what a stop takes anyway.
constexpr absl::Duration kTakeTime = absl::Milliseconds(100);

void RunAll(const std::vector<std::function<void()>>& all) {
  for (const std::function<void()>& each : all) each();
}

absl::Status TimeUpError() {
  return types::Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                      "the stream has lasted as long as it may, call again");
}

}  // namespace

StreamCall::StreamCall(grpc::CallbackServerContext& context, const CallRules& rules,
                       Streams& streams, const MethodMetrics& metrics)
    : context_(context),
      domain_(rules.domain),
      queue_limit_(rules.deadlines.queue),
      streams_(streams),
      metrics_(metrics),
      arrival_(absl::Now()),
      caller_(internal::CallerInTime(context, rules, arrival_)) {}

bool StreamCall::Begin() {
  const absl::Status may_begin =
      caller_.ok() ? streams_.Enter(shared_from_this()) : caller_.status();
  if (!may_begin.ok()) {
    End(may_begin);
    return false;
  }
  SetAlarm(time_limit_, caller_->deadline(),
           [](StreamCall& stream) { stream.Abort(TimeUpError()); });
  return true;
}

void StreamCall::SetAlarm(grpc::Alarm& alarm, absl::Time at, void (*then)(StreamCall&)) {
  // Weak: an alarm keeps its function for as long as it lives itself.
  alarm.Set(absl::ToChronoTime(at), [weak = weak_from_this(), then](bool time_is_up) {
    if (!time_is_up) return;
    if (const auto stream = weak.lock()) then(*stream);
  });
}

bool StreamCall::MayRun() {
  if (absl::Now() - arrival_ > queue_limit_) End(absl::UnavailableError("no thread came free"));
  const std::lock_guard lock(mutex_);
  return !ended();
}

std::vector<std::function<void()>> StreamCall::NoteEnd(const absl::Status& status) {
  if (ended()) return {};
  end_ = status;
  return std::exchange(after_end_, {});
}

void StreamCall::End(const absl::Status& status) {
  std::vector<std::function<void()>> after_end;
  {
    const std::lock_guard lock(mutex_);
    after_end = NoteEnd(status);
  }
  RunAll(after_end);
  Proceed();
}

void StreamCall::Abort(const absl::Status& status) {
  std::vector<std::function<void()>> after_end;
  bool may_be_stuck = false;
  {
    const std::lock_guard lock(mutex_);
    after_end = NoteEnd(status);
    // An OK that was to follow what is dropped here would be a lie.
    if (DropNext()) end_ = status;
    // The call cannot be finished before its write has ended, which is up to the client.
    may_be_stuck = writing_ && !cut_off_;
    if (may_be_stuck) cut_off_.emplace();
  }
  RunAll(after_end);
  if (may_be_stuck) {
    SetAlarm(*cut_off_, absl::Now() + kTakeTime, [](StreamCall& stream) { stream.CutOff(); });
  }
  Proceed();
}

void StreamCall::CutOff() {
  {
    const std::lock_guard lock(mutex_);
    if (!writing_) return;
    cancelling_ = true;
  }
  context_.TryCancel();  // still there: nothing finishes while cancelling_
  {
    const std::lock_guard lock(mutex_);
    cancelling_ = false;
  }
  Proceed();
}

void StreamCall::AfterEnd(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!ended()) {
      after_end_.push_back(std::move(then));
      return;
    }
  }
  then();
}

void StreamCall::Proceed() {
  Step step = Step::kNothing;
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || cancelling_ || finished_) return;
    if (TakeNext()) {
      writing_ = true;
      step = Step::kWrite;
    } else if (ended()) {
      finished_ = true;
      step = Step::kFinish;
    }
  }
  if (step == Step::kWrite) StartWriteOfTaken();
  if (step == Step::kFinish) {
    FinishWith(internal::Conclude(context_, domain_, metrics_, arrival_, *end_));
  }
}

void StreamCall::Written(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
  }
  if (!ok) return Abort(absl::CancelledError());
  Proceed();
}

void StreamCall::Over() { streams_.Leave(shared_from_this()); }

}  // namespace rpc

#ifndef PLATFORM_PG_GROUP_COMMIT_H_
#define PLATFORM_PG_GROUP_COMMIT_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "platform/check/check.h"
#include "platform/failpoint/failpoint.h"
#include "platform/host/deadline.h"
#include "platform/host/host.h"
#include "platform/lifecycle/service.h"
#include "platform/observability/log.h"
#include "platform/observability/metrics.h"
#include "platform/pg/batch_queue.h"
#include "platform/pg/database.h"
#include "platform/pg/transaction.h"

namespace pg {

struct GroupCommitOptions {
  // Labels the metrics.
  std::string name;
  // Commands in one transaction at most.
  std::size_t batch_rows_max = 128;
  // Commands waiting at most; further ones are RESOURCE_EXHAUSTED.
  std::size_t queue_rows_max = 8192;
  // Least time between the starts of two batches: a loaded system sees bigger
  // batches, an idle caller never waits.
  absl::Duration spacing = absl::Milliseconds(2);
  // How long a command that is answered ABORTED is run again, with each next batch,
  // before its caller is told; UNAVAILABLE where what is in its way may be its own first run.
  absl::Duration aborted_again_max = absl::Milliseconds(250);
  // How long a batch whose rows stay locked is halved, and then a command alone is run again,
  // before what is left is UNAVAILABLE.
  absl::Duration locked_max = absl::Seconds(3);
  // kStatements where the work writes by one statement.
  Database::Mode mode = Database::Mode::kTransaction;
  RetryBudget retry;
  // Right before what commits the batch (transaction.h); with it committed and nobody answered.
  failpoint::Failpoint before_commit;
  failpoint::Failpoint after_commit;
};

// Commits together what waits together.
//
// Batches:  all that queued up during the last commit, up to batch_rows_max.
// Errors:   a fault that may pass: the same span again until the budget ends,
//           then UNAVAILABLE to the batch and to all that waited behind it.
//           Bad data: in halves, so that one bad command fails alone.
//           A row that stays locked: in halves as well, for locked_max; what is locked
//           alone runs again as long, apart: one such command after each batch, so
//           that others wait for one lock_timeout between two batches at most.
//           A command answered ABORTED, in whose way another transaction is, runs again
//           with later batches, so that it holds up none.
// Requires: work is idempotent by the ids its commands carry, and returns one
//           answer per command, in their order.
// Threads:  Submit from any; work and done run on one thread of
//           its own and must not block but for the database.
// Metrics:  commit_batch_rows and commit_duration_seconds, by name.
// Source:   docs/architecture.md, "One rule for everything that commits".
template <typename Command, typename Answer>
class GroupCommit final : public lifecycle::Service {
 public:
  using Answers = std::vector<absl::StatusOr<Answer>>;
  using Work = std::function<Answers(Tx&, std::span<const Command>)>;
  using Done = std::function<void(absl::StatusOr<Answer>)>;

  GroupCommit(Database& database, GroupCommitOptions options, Work work)
      : database_(database),
        options_(std::move(options)),
        work_(std::move(work)),
        batch_rows_(observability::NewHistogram("commit_batch_rows", "Commands in one transaction",
                                                observability::SizeBuckets(),
                                                {{"name", options_.name}})),
        duration_(observability::NewHistogram(
            "commit_duration_seconds", "From the begin to the commit, retries included",
            observability::LatencyBuckets(), {{"name", options_.name}})),
        queue_(options_.batch_rows_max, options_.queue_rows_max, options_.spacing,
               [this](std::vector<Waiting> batch) { Run(std::move(batch)); }) {}

  void Start() override { queue_.Start(); }
  // Commits what was submitted before, then ends.
  void Stop() override { queue_.Stop(); }

  // Never blocks. `done` runs exactly once: after the commit, or with
  // RESOURCE_EXHAUSTED (full), UNAVAILABLE (stopped, database away, rows locked, outcome
  // unknown) or DEADLINE_EXCEEDED (past `deadline` before it was run; nothing happened).
  void Submit(Command command, absl::Time deadline, Done done) {
    Waiting waiting{std::move(command), deadline, std::move(done)};
    switch (queue_.Push(waiting)) {
      case Pushed::kQueued:
        return;
      case Pushed::kFull:
        return waiting.done(absl::ResourceExhaustedError("too many requests are waiting"));
      case Pushed::kStopped:
        return waiting.done(absl::UnavailableError("the service is stopping"));
    }
  }

 private:
  struct Waiting {
    Command command;
    absl::Time deadline;
    Done done;
    // From when on what is in its way is told; set when it is first met.
    absl::Time give_up = absl::InfiniteFuture();
    // It was run alone, and its rows stayed locked.
    bool locked = false;
    // The end of one of its runs is not known: the server may still be at it.
    bool in_doubt = false;
  };

  static constexpr const char* kInDoubt = "the outcome is not known yet";

  void Run(std::vector<Waiting> batch) {
    const auto locked = std::ranges::stable_partition(batch, std::logical_not(), &Waiting::locked);
    absl::Status end = RunTogether({batch.begin(), locked.begin()});
    if (absl::IsUnavailable(end)) {
      Tell(locked, end);
    } else if (!locked.empty()) {
      end = RunFirst(locked);
    }
    if (!absl::IsUnavailable(end)) return;
    // The database is away: who queued up meanwhile has waited for it as long.
    for (Waiting& waiting : queue_.TakeAll()) waiting.done(end);
  }

  // The others are put back before: if the first is still locked, it goes behind them.
  absl::Status RunFirst(std::span<Waiting> locked) {
    for (Waiting& waiting : locked.subspan(1)) {
      if (!PutBack(waiting)) Tell({&waiting, 1}, absl::AbortedError("a row stayed locked"));
    }
    return RunTogether(locked.first(1));
  }

  absl::Status RunTogether(std::span<Waiting> batch) {
    std::vector<Command> commands;
    std::vector<Waiting> callers;
    commands.reserve(batch.size());
    callers.reserve(batch.size());
    const absl::Time now = host::Now();
    for (Waiting& waiting : batch) {
      if (waiting.deadline <= now) {
        waiting.done(waiting.in_doubt
                         ? absl::UnavailableError(kInDoubt)
                         : absl::DeadlineExceededError("the deadline passed while waiting"));
        continue;
      }
      commands.push_back(std::move(waiting.command));
      callers.push_back(std::move(waiting));
    }
    return Commit(commands, callers, host::Deadline::After(options_.locked_max));
  }

  absl::Status Commit(std::span<const Command> commands, std::span<Waiting> callers,
                      const host::Deadline& halving_end) {
    if (commands.empty()) return absl::OkStatus();
    Answers answers;
    int runs = 0;
    const absl::Time start = host::Now();
    const absl::Status end = RunAgainUntilKnown(
        database_, options_.mode, options_.before_commit,
        [&](Tx& tx) {
          ++runs;
          answers = work_(tx, commands);
          return absl::OkStatus();
        },
        options_.retry);
    for (Waiting& caller : callers) caller.in_doubt |= runs > 1;
    if (end.ok()) {
      options_.after_commit.Hit();
      CHECK(answers.size() == commands.size());
      batch_rows_.Observe(static_cast<double>(commands.size()));
      duration_.Observe(host::Now() - start);
      for (std::size_t i = 0; i < callers.size(); ++i) {
        if (absl::IsAborted(answers[i].status())) {
          if (QueueAgain(commands[i], callers[i], options_.aborted_again_max)) continue;
          if (callers[i].in_doubt) answers[i] = absl::UnavailableError(kInDoubt);
        }
        callers[i].done(std::move(answers[i]));
      }
      return end;
    }
    const bool rows_locked = absl::IsAborted(end);
    if (IsBadData(end) && commands.size() > 1 && !(rows_locked && halving_end.Passed())) {
      const std::size_t half = commands.size() / 2;
      const absl::Status first = Commit(commands.first(half), callers.first(half), halving_end);
      const absl::Status second =
          Commit(commands.subspan(half), callers.subspan(half), halving_end);
      return absl::IsUnavailable(first) ? first : second;
    }
    if (rows_locked && commands.size() == 1) {
      callers[0].locked = true;
      if (QueueAgain(commands[0], callers[0], options_.locked_max)) return end;
    }
    Tell(callers, end);
    return end;
  }

  // False if what is in the command's way has been met for `again_max`, or the queue takes nothing.
  bool QueueAgain(const Command& command, Waiting& caller, absl::Duration again_max) {
    caller.give_up = std::min(caller.give_up, host::Now() + again_max);
    caller.command = command;
    return PutBack(caller);
  }

  bool PutBack(Waiting& waiting) {
    return host::Now() < waiting.give_up && queue_.Push(waiting) == Pushed::kQueued;
  }

  void Tell(std::span<Waiting> callers, const absl::Status& end) {
    if (absl::IsAborted(end)) {
      observability::Log(observability::Level::kWarning, "rows stayed locked",
                         {{"commit", options_.name}, {"given_up", std::to_string(callers.size())}});
    }
    for (Waiting& caller : callers) caller.done(ToCaller(end));
  }

  // A command was validated before it got here: what the database refuses alone
  // is our fault, not the caller's; a row that stays locked may come free.
  static absl::Status ToCaller(const absl::Status& end) {
    if (absl::IsAborted(end)) return absl::UnavailableError(end.message());
    if (absl::IsInvalidArgument(end)) return absl::InternalError(end.message());
    return end;
  }

  Database& database_;
  const GroupCommitOptions options_;
  const Work work_;
  const observability::Histogram batch_rows_;
  const observability::Histogram duration_;
  BatchQueue<Waiting> queue_;
};

}  // namespace pg

#endif  // PLATFORM_PG_GROUP_COMMIT_H_

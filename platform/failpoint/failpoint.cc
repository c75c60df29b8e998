#include "platform/failpoint/failpoint.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "platform/observability/log.h"

namespace failpoint {
namespace {

constexpr std::int64_t kHitsMax = 1'000'000;
constexpr std::int64_t kDelayMaxMs = 60'000;

// As kill -9 does: nothing is flushed, nothing is said to anybody.
class Abort final : public Failpoint::Action {
 public:
  Abort(std::string name, std::int64_t at_hit) : name_(std::move(name)), hits_left_(at_hit) {}

  void Hit() override {
    if (hits_left_.fetch_sub(1) != 1) return;
    observability::Log(observability::Level::kWarning, "failpoint ends this process",
                       {{"failpoint", name_}});
    std::raise(SIGKILL);
  }

 private:
  const std::string name_;
  std::atomic<std::int64_t> hits_left_;
};

class Delay final : public Failpoint::Action {
 public:
  explicit Delay(absl::Duration delay) : delay_(absl::ToChronoMilliseconds(delay)) {}

  void Hit() override { std::this_thread::sleep_for(delay_); }

 private:
  const std::chrono::milliseconds delay_;
};

// False unless the text is a number from 1 to `max`.
bool ReadNumber(absl::string_view text, std::int64_t max, std::int64_t& number) {
  return absl::SimpleAtoi(text, &number) && number >= 1 && number <= max;
}

std::shared_ptr<Failpoint::Action> ReadAction(const std::string& name, absl::string_view text) {
  std::int64_t number = 1;
  if (text == "abort") return std::make_shared<Abort>(name, number);
  if (absl::ConsumePrefix(&text, "abort@") && ReadNumber(text, kHitsMax, number)) {
    return std::make_shared<Abort>(name, number);
  }
  if (absl::ConsumePrefix(&text, "delay:") && ReadNumber(text, kDelayMaxMs, number)) {
    return std::make_shared<Delay>(absl::Milliseconds(number));
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Failpoints> Failpoints::Parse(absl::string_view setting) {
  Failpoints failpoints;
  for (const absl::string_view item : absl::StrSplit(setting, ',', absl::SkipWhitespace())) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(absl::StripAsciiWhitespace(item), absl::MaxSplits('=', 1));
    const auto& [name, text] = parts;
    std::shared_ptr<Failpoint::Action> action = ReadAction(name, text);
    if (name.empty() || action == nullptr) {
      return absl::InvalidArgumentError(
          "FAILPOINTS must be name=abort, name=abort@N or name=delay:MS, separated by commas");
    }
    if (!failpoints.set_.emplace(name, std::move(action)).second) {
      return absl::InvalidArgumentError(absl::StrCat("FAILPOINTS names ", name, " twice"));
    }
  }
  return failpoints;
}

Failpoint Failpoints::At(const std::string& name) {
  asked_for_.insert(name);
  const auto found = set_.find(name);
  return found == set_.end() ? Failpoint() : Failpoint(found->second);
}

absl::Status Failpoints::Announce() const {
  for (const auto& [name, action] : set_) {
    if (!asked_for_.contains(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("FAILPOINTS: this service has no failpoint ", name));
    }
    observability::Log(observability::Level::kWarning, "failpoint set", {{"failpoint", name}});
  }
  return absl::OkStatus();
}

}  // namespace failpoint

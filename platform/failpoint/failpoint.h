#ifndef PLATFORM_FAILPOINT_FAILPOINT_H_
#define PLATFORM_FAILPOINT_FAILPOINT_H_

#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace failpoint {

// A named place of the flow where a process can be made to die or to dawdle, to
// prove that nothing is lost there. Does nothing unless a setting names it.
class Failpoint {
 public:
  // What happens at one place. Hit() may come from any thread.
  class Action {
   public:
    virtual ~Action() = default;
    virtual void Hit() = 0;
  };

  // Does nothing.
  Failpoint() = default;
  explicit Failpoint(std::shared_ptr<Action> action) : action_(std::move(action)) {}

  void Hit() const {
    if (action_) action_->Hit();
  }

 private:
  std::shared_ptr<Action> action_;
};

// The failpoints that a setting arms.
//
// Setting: name=abort      kills the process at the first hit, as kill -9 does
//          name=abort@N    at the N-th hit, N from 1 to 1,000,000
//          name=delay:MS   waits so long at each hit, at most 60,000 ms
//          Several are separated by commas.
// Names:   docs/protocol.md, "One name per arrow".
class Failpoints {
 public:
  // INVALID_ARGUMENT says what cannot be read.
  static absl::StatusOr<Failpoints> Parse(absl::string_view setting);

  // The failpoint of this name; one that does nothing unless it is set.
  Failpoint At(const std::string& name);

  // Once all have been asked for: warns in the log of each that is set.
  // INVALID_ARGUMENT if one is set that was not asked for: a strike that was
  // meant, and would not come.
  absl::Status Announce() const;

 private:
  std::map<std::string, std::shared_ptr<Failpoint::Action>> set_;
  std::set<std::string> asked_for_;
};

}  // namespace failpoint

#endif  // PLATFORM_FAILPOINT_FAILPOINT_H_

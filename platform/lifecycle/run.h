#ifndef PLATFORM_LIFECYCLE_RUN_H_
#define PLATFORM_LIFECYCLE_RUN_H_

#include <initializer_list>
#include <span>
#include <string_view>

#include "absl/time/time.h"
#include "platform/lifecycle/service.h"
#include "platform/observability/log.h"

namespace lifecycle {

// Makes SIGTERM and SIGINT wait for RunUntilSignalled, and a write to a closed
// link an error instead of a signal. The first call of main: threads inherit it.
void BlockSignals();

// Starts the services in order, waits for SIGTERM or SIGINT, stops them in
// reverse order. Returns the exit code of main.
//
// Requires: BlockSignals was called before any thread began.
// Errors:   stops that take longer than `stop_deadline` in all end the process
//           at once, logged: what survives that survives a power cut as well.
int RunUntilSignalled(std::span<Service* const> services, absl::Duration stop_deadline);

// Logs why and ends the process with EXIT_FAILURE. Runs no destructors: other
// threads may be at work. For a start that cannot succeed.
[[noreturn]] void ExitNow(std::string_view why,
                          std::initializer_list<observability::Field> fields = {});

}  // namespace lifecycle

#endif  // PLATFORM_LIFECYCLE_RUN_H_

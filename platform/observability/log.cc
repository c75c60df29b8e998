#include "platform/observability/log.h"

#include <memory>
#include <optional>

#include "absl/time/clock.h"
#include "platform/observability/log_line.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace observability {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      break;
  }
  return spdlog::level::err;
}

std::optional<Level> ParseLevel(std::string_view text) {
  if (text == "debug") return Level::kDebug;
  if (text == "info") return Level::kInfo;
  if (text == "warning") return Level::kWarning;
  if (text == "error") return Level::kError;
  return std::nullopt;
}

struct Output {
  Output() : logger("log", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.flush_on(spdlog::level::trace);
    // A line that cannot be written is lost; there is nowhere else to say so.
    logger.set_error_handler([](const std::string&) {});
  }

  std::string service;
  spdlog::logger logger;
};

// Never destroyed: threads may log until the process is gone.
Output& TheOutput() {
  static Output* const output = new Output;
  return *output;
}

}  // namespace

void Log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  Output& output = TheOutput();
  if (!output.logger.should_log(ToSpdlog(level))) return;
  const std::string line = LogLine(absl::Now(), level, output.service, message, fields);
  output.logger.log(ToSpdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

bool StartLogging(std::string_view service, std::string_view level) {
  const std::optional<Level> lowest = ParseLevel(level);
  if (!lowest) return false;
  TheOutput().service = std::string(service);
  TheOutput().logger.set_level(ToSpdlog(*lowest));
  return true;
}

}  // namespace observability

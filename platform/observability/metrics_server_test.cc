#include "platform/observability/metrics_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "platform/observability/metrics.h"

namespace observability {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The whole answer to a GET; "" if nobody listens.
std::string Get(int port, const std::string& path) {
  const int link = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(link, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
    if (write(link, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      char bytes[4096];
      for (ssize_t size; (size = read(link, bytes, sizeof(bytes))) > 0;) {
        answer.append(bytes, static_cast<std::size_t>(size));
      }
    }
  }
  close(link);
  return answer;
}

TEST(MetricsServerTest, ServesTheMetricsOfTheProcessUntilStopped) {
  NewGauge("test_scraped", "Scraped.", {{"kind", "a"}}).Set(4);
  MetricsServer server("127.0.0.1:0");
  server.Start();
  const int port = server.port();
  const std::string answer = Get(port, "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("test_scraped{kind=\"a\"} 4"));
  server.Stop();
  server.Stop();
  EXPECT_EQ(Get(port, "/metrics"), "");
}

TEST(MetricsServerDeathTest, ATakenPortEndsTheProcess) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  MetricsServer server("127.0.0.1:0");
  server.Start();
  MetricsServer second("127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EXIT(second.Start(), testing::ExitedWithCode(EXIT_FAILURE), "cannot listen for metrics");
}

}  // namespace
}  // namespace observability

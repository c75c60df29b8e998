#include "tests/integration/support/loopback_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>

#include "platform/check/check.h"

namespace support {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// False once either end is gone.
bool Pass(int from, int to) {
  char bytes[65536];
  const ssize_t count = recv(from, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  for (ssize_t sent = 0; sent < count;) {
    const ssize_t step =
        send(to, bytes + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
    if (step <= 0) return false;
    sent += step;
  }
  return true;
}

}  // namespace

LoopbackProxy::LoopbackProxy(std::uint16_t target_port) : target_port_(target_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(listen(listener_, 16) == 0);
  CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  CHECK(pipe(wake_) == 0);
  thread_ = std::thread([this] { Run(); });
}

LoopbackProxy::~LoopbackProxy() {
  Set(stop_, true);
  thread_.join();
  CloseAll();
  close(listener_);
  close(wake_[0]);
  close(wake_[1]);
}

void LoopbackProxy::Set(std::atomic<bool>& flag, bool value) {
  flag = value;
  CHECK(write(wake_[1], "w", 1) == 1);
}

void LoopbackProxy::Run() {
  while (!stop_) {
    if (cut_.exchange(false)) CloseAll();
    const bool hold = hold_replies_;
    std::vector<pollfd> fds{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      fds.push_back({pair.client, POLLIN, 0});
      // A negative descriptor is passed over.
      fds.push_back({hold ? -1 : pair.server, POLLIN, 0});
    }
    CHECK(poll(fds.data(), fds.size(), -1) >= 0);
    if (fds[0].revents != 0) {
      char byte = 0;
      CHECK(read(wake_[0], &byte, 1) == 1);
      continue;
    }
    std::vector<Pair> open;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const Pair& pair = pairs_[i];
      const bool alive = (fds[2 + 2 * i].revents == 0 || Pass(pair.client, pair.server)) &&
                         (fds[3 + 2 * i].revents == 0 || Pass(pair.server, pair.client));
      if (alive) {
        open.push_back(pair);
      } else {
        close(pair.client);
        close(pair.server);
      }
    }
    pairs_ = open;
    if (fds[1].revents != 0) Accept();
  }
}

void LoopbackProxy::Accept() {
  Pair pair;
  pair.client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (pair.client < 0) return;
  pair.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  if (connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    pairs_.push_back(pair);
  } else {
    close(pair.client);
    close(pair.server);
  }
}

void LoopbackProxy::CloseAll() {
  for (const Pair& pair : pairs_) {
    close(pair.client);
    close(pair.server);
  }
  pairs_.clear();
}

}  // namespace support

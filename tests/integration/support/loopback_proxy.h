#ifndef TESTS_INTEGRATION_SUPPORT_LOOPBACK_PROXY_H_
#define TESTS_INTEGRATION_SUPPORT_LOOPBACK_PROXY_H_

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace support {

// Stands between a client and a server on loopback, and strikes when told to.
class LoopbackProxy {
 public:
  explicit LoopbackProxy(std::uint16_t target_port);
  ~LoopbackProxy();

  std::uint16_t port() const { return port_; }
  // Nothing that the server says reaches the client any more; it waits in here.
  void HoldReplies() { Set(hold_replies_, true); }
  void ReleaseReplies() { Set(hold_replies_, false); }
  // Cuts every connection.
  void CutAll() { Set(cut_, true); }

 private:
  struct Pair {
    int client = -1;
    int server = -1;
  };

  void Set(std::atomic<bool>& flag, bool value);
  void Run();
  void Accept();
  void CloseAll();

  const std::uint16_t target_port_;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::vector<Pair> pairs_;
  std::atomic<bool> hold_replies_{false};
  std::atomic<bool> cut_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace support

#endif  // TESTS_INTEGRATION_SUPPORT_LOOPBACK_PROXY_H_

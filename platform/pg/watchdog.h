#ifndef PLATFORM_PG_WATCHDOG_H_
#define PLATFORM_PG_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace pg {

// A second descriptor of a connection's socket: stays valid, and its number is
// not given to another file, when libpq closes its own on a fault.
class SocketHandle {
 public:
  // Nothing to shut down if `socket` is closed already.
  explicit SocketHandle(int socket);
  SocketHandle(const SocketHandle&) = delete;
  SocketHandle& operator=(const SocketHandle&) = delete;
  ~SocketHandle();

  // Ends whatever waits for the peer, in any thread: it sees a lost link.
  void Shutdown() const;

 private:
  const int descriptor_;
};

// Bounds the wait for a server that neither answers nor hangs up, such as a
// stopped process whose kernel still acknowledges: no time limit of TCP's or of
// the server's own ends that.
//
// Threads: safe from any; one of its own looks four times a second.
class Watchdog {
  struct Watched {
    const SocketHandle* socket;
    std::chrono::steady_clock::time_point until;
  };

 public:
  Watchdog();
  ~Watchdog();

  // While it lives, the socket is shut down once `until` has passed.
  class Watch {
   public:
    Watch(Watchdog& watchdog, const SocketHandle& socket,
          std::chrono::steady_clock::time_point until);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

   private:
    Watchdog& watchdog_;
    std::list<Watched>::iterator place_;
  };

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopped_ = false;
  std::list<Watched> watched_;
  std::thread thread_;
};

}  // namespace pg

#endif  // PLATFORM_PG_WATCHDOG_H_

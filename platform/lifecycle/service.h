#ifndef PLATFORM_LIFECYCLE_SERVICE_H_
#define PLATFORM_LIFECYCLE_SERVICE_H_

namespace lifecycle {

// Work that runs in the background at its own pace.
class Service {
 public:
  virtual ~Service() = default;

  // Begins the work and returns without waiting for it. Called once.
  virtual void Start() = 0;

  // Ends the work and returns when it has ended: nothing of it runs afterwards.
  // Safe to call twice, and without Start.
  virtual void Stop() = 0;
};

}  // namespace lifecycle

#endif  // PLATFORM_LIFECYCLE_SERVICE_H_

#include "platform/pg/batch_queue.h"

#include <future>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pg {
namespace {

using ::testing::ElementsAre;

// Collects the batches it serves; the first can be held up.
class BatchQueueTest : public ::testing::Test {
 protected:
  BatchQueue<int> Queue(std::size_t batch_rows_max, std::size_t queue_rows_max) {
    return BatchQueue<int>(batch_rows_max, queue_rows_max, absl::ZeroDuration(),
                           [this](std::vector<int> batch) {
                             if (batches_.empty()) {
                               started_.set_value();
                               release_.get_future().wait();
                             }
                             batches_.push_back(std::move(batch));
                           });
  }

  static Pushed Push(BatchQueue<int>& queue, int item) { return queue.Push(item); }

  std::promise<void> started_;
  std::promise<void> release_;
  std::vector<std::vector<int>> batches_;
};

TEST_F(BatchQueueTest, ServesTogetherWhatQueuedUpDuringTheLastBatch) {
  BatchQueue<int> queue = Queue(2, 10);
  queue.Start();
  EXPECT_EQ(Push(queue, 1), Pushed::kQueued);
  started_.get_future().wait();
  for (const int item : {2, 3, 4}) EXPECT_EQ(Push(queue, item), Pushed::kQueued);
  release_.set_value();
  queue.Stop();
  EXPECT_THAT(batches_, ElementsAre(ElementsAre(1), ElementsAre(2, 3), ElementsAre(4)));
}

TEST_F(BatchQueueTest, RefusesWhatIsOverItsLimit) {
  BatchQueue<int> queue = Queue(2, 2);
  EXPECT_EQ(Push(queue, 1), Pushed::kQueued);
  EXPECT_EQ(Push(queue, 2), Pushed::kQueued);
  EXPECT_EQ(Push(queue, 3), Pushed::kFull);
}

TEST_F(BatchQueueTest, RefusesWhatComesAfterStop) {
  BatchQueue<int> queue = Queue(2, 2);
  queue.Start();
  queue.Stop();
  EXPECT_EQ(Push(queue, 1), Pushed::kStopped);
}

}  // namespace
}  // namespace pg

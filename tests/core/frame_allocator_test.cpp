#include <doctest.h>

#include "frame_order.hpp"
#include "phyllo/core/awaitable.hpp"
#include "phyllo/core/shard.hpp"

namespace phyllo::core {
namespace {

awaitable<void> sum_of_both(int& sum) {
  for (int i = 0; i < 100; ++i) {
    sum += co_await answer_of_asio_before();
    sum += co_await answer_of_asio_after();
  }
}

TEST_CASE("every order of includes takes coroutine frames from the same allocator") {
  CHECK(aligned_frames_of_asio_before() == aligned_frames_of_asio_after());
#ifdef ASIO_HAS_STD_ALIGNED_ALLOC
  CHECK(aligned_frames_of_asio_before());
#else
  CHECK_FALSE(aligned_frames_of_asio_before());
#endif
}

// The address sanitizer ends the process where a frame goes back to another allocator than it came from.
TEST_CASE("a frame made by a file of either order of includes is destroyed in a third") {
  int sum = 0;
  shard run("test");
  run.run(sum_of_both(sum));
  CHECK(sum == 8400);
}

}  // namespace
}  // namespace phyllo::core

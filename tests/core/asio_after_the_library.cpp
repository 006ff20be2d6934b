// clang-format off: the order of these includes is what is tested.
#include <memory>
#include <string>
#include <asio/awaitable.hpp>
// clang-format on
#include "frame_order.hpp"

namespace phyllo::core {

asio::awaitable<int> answer_of_asio_after() { co_return 42; }

#ifdef ASIO_HAS_STD_ALIGNED_ALLOC
bool aligned_frames_of_asio_after() { return true; }
#else
bool aligned_frames_of_asio_after() { return false; }
#endif

}  // namespace phyllo::core

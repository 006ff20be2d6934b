// clang-format off: the order of these includes is what is tested.
#include <asio/awaitable.hpp>
#include <memory>
#include <string>
// clang-format on
#include "frame_order.hpp"

namespace phyllo::core {

asio::awaitable<int> answer_of_asio_before() { co_return 42; }

#ifdef ASIO_HAS_STD_ALIGNED_ALLOC
bool aligned_frames_of_asio_before() { return true; }
#else
bool aligned_frames_of_asio_before() { return false; }
#endif

}  // namespace phyllo::core

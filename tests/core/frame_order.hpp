// Two files that include Asio before anything of the standard library, and after it: each makes a coroutine frame, and says from which of
// Asio's allocators.
#pragma once

#include <asio/awaitable.hpp>

namespace phyllo::core {

asio::awaitable<int> answer_of_asio_before();
asio::awaitable<int> answer_of_asio_after();

[[nodiscard]] bool aligned_frames_of_asio_before();
[[nodiscard]] bool aligned_frames_of_asio_after();

}  // namespace phyllo::core

// A place that a coroutine holds, of those that a node has: counted while this lives, however the coroutine ends.
#pragma once

#include <cstddef>

namespace phyllo::overlay {

class occupied {
 public:
  explicit occupied(std::size_t& count) : count_(count) { ++count_; }
  ~occupied() { --count_; }
  occupied(const occupied&) = delete;
  occupied& operator=(const occupied&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace phyllo::overlay

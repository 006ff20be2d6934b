// Growing pauses between attempts, with jitter so that a ring which starts at once does not knock at once.
#pragma once

#include <algorithm>

#include "phyllo/core/environment.hpp"

namespace phyllo::core {

class backoff {
 public:
  // `env` must outlive it.
  explicit backoff(environment& env, duration first = std::chrono::milliseconds(200), duration most = std::chrono::seconds(30))
      : env_(env), first_(first), next_(first), most_(most) {}

  // Between half of this attempt's pause and all of it; doubles with each call.
  duration next() {
    const auto span = random_between(env_, next_ / 2, next_);
    next_ = std::min(next_ * 2, most_);
    return span;
  }

  void reset() { next_ = first_; }  // after a success

 private:
  environment& env_;
  duration first_;
  duration next_;
  duration most_;
};

}  // namespace phyllo::core

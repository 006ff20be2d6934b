// A rate with a burst: what one link may ask of a node.
#pragma once

#include <algorithm>
#include <chrono>

#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

class token_bucket {
 public:
  token_bucket(float per_second, float burst) : rate_(per_second), burst_(burst), tokens_(burst) {}

  bool take(core::time_point now) {
    const std::chrono::duration<double> past = now - last_;
    last_ = now;
    tokens_ = std::min<double>(burst_, tokens_ + past.count() * rate_);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  float rate_;
  float burst_;
  double tokens_;
  core::time_point last_{};
};

}  // namespace phyllo::overlay

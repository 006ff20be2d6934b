// How many bytes a second may be relayed for somebody: a bucket of one second's worth.
#pragma once

#include <algorithm>
#include <cstdint>

#include "phyllo/core/time.hpp"

namespace phyllo::nat {

class byte_budget {
 public:
  explicit byte_budget(std::uint64_t per_second) : per_second_(static_cast<double>(per_second)), left_(per_second_) {}

  // Whether so many may go now, which take() then spends. A limit of 0 is none.
  [[nodiscard]] bool has(std::size_t bytes, core::time_point now) {
    if (per_second_ == 0) return true;
    const auto passed = std::chrono::duration<double>(now - filled_).count();
    left_ = std::min(per_second_, left_ + passed * per_second_);
    filled_ = now;
    return left_ >= static_cast<double>(bytes);
  }
  void take(std::size_t bytes) { left_ -= per_second_ == 0 ? 0 : static_cast<double>(bytes); }

 private:
  double per_second_;
  double left_;
  core::time_point filled_;
};

}  // namespace phyllo::nat

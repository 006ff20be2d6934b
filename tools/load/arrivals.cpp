#include "arrivals.hpp"

namespace phyllo::load {

arrivals::arrivals(const plan& p) : plan_(p), dice_(p.seed) {}

std::optional<core::time_point> arrivals::next() const noexcept {
  if (taken_ >= plan_.most) return std::nullopt;
  const auto at = plan_.begin + std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(offset_s_));
  if (at >= plan_.end) return std::nullopt;
  return at;
}

void arrivals::take() {
  ++taken_;
  if (plan_.spaced == spacing::poisson) {
    offset_s_ += std::exponential_distribution<double>(plan_.rate)(dice_);
  } else {
    offset_s_ = static_cast<double>(taken_) / plan_.rate;  // not a sum: errors would add up
  }
}

}  // namespace phyllo::load

#include "rate_search.hpp"

#include <algorithm>

namespace phyllo::load {

std::optional<double> rate_search::next() const noexcept {
  if (over_) return std::nullopt;
  return next_;
}

void rate_search::tell(bool clean) noexcept {
  if (over_) return;
  if (clean) {
    best_ = next_;
  } else {
    failed_ = next_;
  }
  const bool grows = failed_ == 0;
  next_ = grows ? std::min(best_ * growth, most_) : (best_ + failed_) / 2;
  const bool near = !grows && failed_ - best_ <= precision_ * failed_;
  over_ = near || next_ < least || (grows && best_ >= most_);
}

}  // namespace phyllo::load

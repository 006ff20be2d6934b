#include "board.hpp"

namespace phyllo::load {

void board::tell(unsigned second, const tally& t) {
  const std::scoped_lock held(mutex_);
  auto& p = pending_[second];
  p.counted.merge(t);
  if (++p.told < threads_) return;
  keep(second, p.counted);
  pending_.erase(second);
}

void board::close() {
  const std::scoped_lock held(mutex_);
  for (const auto& [second, p] : pending_) keep(second, p.counted);
  pending_.clear();
}

void board::keep(unsigned second, const tally& t) {
  rows_.push_back({second, t.started, t.succeeded, t.failed, t.whole.percentile_us(50), t.whole.percentile_us(99)});
  total_.merge(t);
}

std::vector<second_row> board::rows() const {
  const std::scoped_lock held(mutex_);
  return rows_;
}

}  // namespace phyllo::load

#include "pastry/ring_estimates.hpp"

#include <algorithm>
#include <cmath>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr double raw_loss = 0.05;
constexpr core::duration period_min = 30s;
constexpr core::duration period_max = 15min;

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

// That a node found alive at some time within the last `period` seconds is dead: Pf of the paper.
double chance_dead(double period, double rate) {
  const auto x = period * rate;
  return x > 1e-9 ? 1 - (1 - std::exp(-x)) / x : 0;
}

}  // namespace

void failure_history::note(core::time_point now) {
  failures_.push_back(now);
  if (failures_.size() > failures_max + 1) failures_.pop_front();
}

double failure_history::rate(core::time_point now, std::size_t watched) const {
  if (failures_.empty() || watched == 0) return 0;
  const auto span = seconds(now - failures_.front());
  const auto seen = static_cast<double>(failures_.size() <= failures_max ? failures_.size() : failures_max);
  return span > 0 ? seen / (span * static_cast<double>(watched)) : 0;
}

core::duration table_probe_period(const probe_tuning& t) {
  const auto base = std::exp2(t.digit_bits);
  const auto hops = std::max(1.0, (base - 1) / base * std::log2(std::max(t.ring_size, 2.0)) / t.digit_bits);
  const auto last_hop = 1 - chance_dead(seconds(t.leaf_set_period + t.detection), t.failure_rate);
  // (1 - Pf(Tls)) (1 - Pf(Trt))^(h - 1) = 1 - raw_loss
  const auto each = hops > 1 ? 1 - std::pow(std::min(1.0, (1 - raw_loss) / last_hop), 1 / (hops - 1)) : 1.0;
  auto low = period_min, high = period_max;
  while (high - low > 1s) {  // ends: halves it
    const auto middle = low + (high - low) / 2;
    (chance_dead(seconds(middle + t.detection), t.failure_rate) > each ? high : low) = middle;
  }
  return low;
}

}  // namespace phyllo::overlay

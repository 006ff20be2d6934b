#include "wire.hpp"

#include <algorithm>

namespace phyllo::testing {

void wire::put(packet p, clock::time_point now) {
  if (p.size() > options_.mtu) {
    ++counts_.too_large;
    return;
  }
  if (chance(options_.loss) || under_way_.size() >= options_.packets_max) {
    ++counts_.lost;
    return;
  }
  if (chance(options_.duplicate)) {
    ++counts_.duplicated;
    send(p, now);
  }
  send(std::move(p), now);
}

void wire::send(packet p, clock::time_point now) {
  const std::chrono::duration<double, std::milli> varied(std::uniform_real_distribution<double>(0, 1)(dice_) *
                                                         static_cast<double>(options_.jitter.count()));
  auto arrives = now + options_.delay + std::chrono::duration_cast<clock::duration>(varied);
  if (chance(options_.reorder)) {
    ++counts_.reordered;
    arrives += held_back;
  } else {
    arrives = last_ = std::max(arrives, last_);
  }
  under_way_.push({arrives, number_++, std::move(p)});
}

std::optional<wire::packet> wire::take(clock::time_point now) {
  if (under_way_.empty() || under_way_.top().arrives > now) return std::nullopt;
  auto out = under_way_.top().data;
  under_way_.pop();
  ++counts_.carried;
  return out;
}

std::optional<wire::clock::time_point> wire::next() const {
  if (under_way_.empty()) return std::nullopt;
  return under_way_.top().arrives;
}

}  // namespace phyllo::testing

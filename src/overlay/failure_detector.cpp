#include "failure_detector.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration rto_min = 200ms;  // MSPastry: a probe must survive a busy host
constexpr core::duration rto_max = 3s;
constexpr core::duration indirect_min = 500ms;  // four links and back
constexpr unsigned probes = 3;

}  // namespace

bool failure_detector::suspect(const node_id& n, core::time_point now, core::duration rto) {
  return suspects_.try_emplace(n, state{std::clamp(rto, rto_min, rto_max), 0, now}).second;
}

failure_detector::step failure_detector::advance(const node_id& n, state& s) {
  const auto at = s.steps++;
  if (at < probes) {
    s.next += s.rto * (1 << at);
    return {n, action::probe};
  }
  if (at == probes) {
    s.next += std::max(2 * s.rto, indirect_min);
    return {n, action::probe_indirect};
  }
  return {n, action::fail};
}

std::vector<failure_detector::step> failure_detector::due(core::time_point now) {
  std::vector<step> out;
  for (auto i = suspects_.begin(); i != suspects_.end();) {
    if (i->second.next > now) {
      ++i;
      continue;
    }
    out.push_back(advance(i->first, i->second));
    // A loop that was late catches up one step at a time, or a busy moment would fail a healthy node.
    i->second.next = std::max(i->second.next, now + (i->second.rto / 2));
    i = out.back().what == action::fail ? suspects_.erase(i) : std::next(i);
  }
  return out;
}

core::time_point failure_detector::next_due() const {
  auto out = core::time_point::max();
  for (const auto& [n, s] : suspects_) out = std::min(out, s.next);
  return out;
}

}  // namespace phyllo::overlay

#include "pastry/failure_detector.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration rto_min = 200ms;  // MSPastry: a probe must survive a busy host
constexpr core::duration rto_max = 3s;
constexpr core::duration last_wait_min = 600ms;                                                      // four links and back
constexpr unsigned second_probe_after = 2, indirect_after = 3, fail_after = 3, told_fail_after = 2;  // RTOs
constexpr unsigned told_probes = 2;

}  // namespace

bool failure_detector::suspect(const node_id& n, core::time_point now, core::duration rto, suspicion why) {
  const auto r = std::clamp(rto, rto_min, rto_max);
  const auto first = why == suspicion::overdue ? now + r : now;
  const auto [at, fresh] = suspects_.try_emplace(n, state{r, why, 0, first});
  auto& s = at->second;
  if (!fresh && why == suspicion::told && s.why != suspicion::told) {
    // If it owes an answer to a probe, its silence and the other's word agree.
    s.why = why;
    s.next = std::min(s.next, s.steps > 0 ? now + r : now);
    s.steps = s.steps > 0 ? told_probes : 0;
  }
  return fresh;
}

// Another has been through all of it: this node asks for itself, so that a liar fails nobody, and agrees with the other soon. While they
// differ, so do their views of replica sets.
failure_detector::step failure_detector::advance_told(const node_id& n, state& s) {
  if (s.steps++ >= told_probes) return {n, action::fail, s.why};
  s.next += s.steps < told_probes ? s.rto : told_fail_after * s.rto;
  return {n, action::probe, s.why};
}

failure_detector::step failure_detector::advance(const node_id& n, state& s) {
  if (s.why == suspicion::told) return advance_told(n, s);
  switch (s.steps++) {
    case 0: s.next += second_probe_after * s.rto; return {n, action::probe, s.why};
    case 1: s.next += indirect_after * s.rto; return {n, action::probe, s.why};
    case 2: s.next += std::max(fail_after * s.rto, last_wait_min); return {n, action::probe_indirect, s.why};
    default: return {n, action::fail, s.why};
  }
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

#include "pastry/own_state.hpp"

#include <algorithm>
#include <chrono>

namespace phyllo::overlay {
namespace {

std::uint32_t unix_seconds(core::wall_time t) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count());
}

}  // namespace

void own_state::begin(std::uint32_t incarnation) { incarnation_ = incarnation != 0 ? incarnation : unix_seconds(env_.wall_now()); }

leaf_set_state own_state::tell(std::uint8_t flags) const {
  leaf_set_state s;
  s.incarnation = incarnation_;
  s.clock_ms = core::unix_milliseconds(env_.wall_now());
  s.flags = flags;
  if (ring_.active) s.flags |= leaf_set_state::flag_active;
  if (state_ == peer_state::leaving) s.flags |= leaf_set_state::flag_leaving;
  if (!ring_.active && formation_ && formation_->may_form()) s.flags |= leaf_set_state::flag_may_form;
  s.own = layer_.candidates();
  s.left = ring_.leafs.left();
  s.right = ring_.leafs.right();
  s.named = ring_.leaf_places();
  s.failed = failed_.names(env_.now());
  return s;
}

leaf_set_state own_state::tell_to(const node_id& n, std::uint8_t flags) {
  auto& r = ring_.record(n);
  // Who has not said yet that it is active is met because it is wanted: told at once, it need not be told again.
  const bool wanted = !r.active && r.link.open && (ring_.leafs.would_take(n) || ring_.table.would_take(n, r.link.rtt));
  r.link.told_used = wanted || needs(n);
  auto s = tell(r.link.told_used ? flags | leaf_set_state::flag_uses : flags);
  if (ring_.active && r.active && !r.link.told_grants && (ring_.leafs.contains(n) || ring_.leafs.would_take(n))) {
    r.link.told_grants = true;
    s.grants = grants_;
  }
  return s;
}

void own_state::keep_grants(const node_id& from, const std::vector<signed_grant>& granted) {
  for (const auto& g : granted) {
    if (g.granter != from) continue;
    std::erase_if(grants_, [&](const signed_grant& kept) { return kept.granter == from; });
    if (grants_.size() == grants_max) grants_.erase(grants_.begin());
    grants_.push_back(g);
  }
}

}  // namespace phyllo::overlay

#include "turn/channel_table.hpp"

namespace phyllo::nat {

void channel_table::forget_expired(core::time_point now) {
  for (auto i = by_number_.begin(); i != by_number_.end();) {
    const auto here = i++;
    if (here->second.until > now) continue;
    by_peer_.erase(here->second.peer);
    by_number_.erase(here);
  }
}

channel_table::binding channel_table::may_bind(std::uint16_t number, const core::endpoint& peer, core::time_point now) {
  forget_expired(now);
  const auto known = by_number_.find(number);
  if (known != by_number_.end()) return known->second.peer == peer ? binding::done : binding::taken;
  if (by_peer_.contains(peer)) return binding::taken;
  return by_number_.size() < max_ ? binding::done : binding::full;
}

channel_table::binding channel_table::bind(std::uint16_t number, const core::endpoint& peer, core::time_point now) {
  const auto may = may_bind(number, peer, now);
  if (may != binding::done) return may;
  by_number_[number] = {peer, now + lifetime};
  by_peer_[peer] = number;
  return binding::done;
}

const core::endpoint* channel_table::peer_of(std::uint16_t number, core::time_point now) const {
  const auto at = by_number_.find(number);
  return at == by_number_.end() || at->second.until <= now ? nullptr : &at->second.peer;
}

std::optional<std::uint16_t> channel_table::number_of(const core::endpoint& peer, core::time_point now) const {
  const auto at = by_peer_.find(peer);
  if (at == by_peer_.end() || peer_of(at->second, now) == nullptr) return std::nullopt;
  return at->second;
}

}  // namespace phyllo::nat

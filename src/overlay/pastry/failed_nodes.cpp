#include "pastry/failed_nodes.hpp"

namespace phyllo::overlay {

bool failed_nodes::named(const node_id& n, core::time_point now) const {
  const auto* until = failed_.find(n);
  return until != nullptr && now < *until;
}

std::vector<node_id> failed_nodes::names(core::time_point now) const {
  std::vector<node_id> out;
  for (auto i = failed_.end(); i != failed_.begin() && out.size() < named_max;) {
    const auto& [n, until] = *--i;
    if (now < until) out.push_back(n);
  }
  return out;
}

bool failed_nodes::is_put_off(const node_id& n, core::time_point now) const {
  const auto* until = unmet_.find(n);
  return until != nullptr && now < *until;
}

bool failed_nodes::take_turn(const node_id& n, core::time_point now, core::time_point until) {
  auto& off = unmet_.try_emplace(n).first;
  if (now < off) return false;
  off = until;
  return true;
}

void failed_nodes::forget_old(core::time_point now) {
  lost_.forget_old(now);
  unmet_.erase_if([&](const auto& u) { return now >= u.second; });
  failed_.erase_if([&](const auto& f) { return now >= f.second; });
}

}  // namespace phyllo::overlay

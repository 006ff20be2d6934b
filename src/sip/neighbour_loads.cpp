#include "neighbour_loads.hpp"

namespace phyllo::sip {

void neighbour_loads::heard(const identity::node_id& from, const overload_report& r, core::time_point now) {
  constexpr double all = 100;
  auto [known, made] = nodes_.try_emplace(from);
  if (!made && now < known.at + in_flight && r.sequence < known.sequence) return;  // later: its clock was set back
  known = {r.sequence, 1 - r.percent / all, now, now + r.validity};
}

double neighbour_loads::wanted(const identity::node_id& by, core::time_point now) const {
  const auto* known = nodes_.find(by);
  return known == nullptr || now >= known->until ? 1 : known->share;
}

}  // namespace phyllo::sip

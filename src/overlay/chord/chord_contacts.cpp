#include "chord/chord_contacts.hpp"

namespace phyllo::overlay {

void chord_contacts::learn_places(const node_id& n, const places& p) {
  if (!p.empty()) places_.try_emplace(n).first = kept_places(p);
}

places chord_contacts::places_of(const node_id& n) const {
  const auto* known = places_.find(n);
  return known == nullptr ? places() : known->all();
}

core::time_point chord_contacts::heard(const node_id& n) const {
  const auto* at = heard_.find(n);
  return at == nullptr ? core::time_point::min() : *at;
}

bool chord_contacts::has_failed(const node_id& n, core::time_point now) const {
  const auto* until = failed_.find(n);
  return until != nullptr && now < *until;
}

}  // namespace phyllo::overlay

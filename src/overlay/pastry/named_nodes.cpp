#include "pastry/named_nodes.hpp"

namespace phyllo::overlay {

named_nodes::wish named_nodes::consider(const node_id& n, const node_id& by, core::time_point now) {
  const bool leaf = ring_.leafs.would_take(n);
  const bool entry = ring_.table.wants(n);
  if (!leaf && !entry) return {};  // so it is with nearly all
  const auto* known = ring_.find(n);
  if (leaf && known != nullptr && admission_.vouches(by)) ring_.record(n).admitted = true;
  // Who is asked already will answer: on long ways many name it before it does, and each answer names more.
  if (meeting_.contains(n) || probes_.open(n)) return {};
  if (failed_.contains(n)) return {.ask_through = leaf};
  if (known != nullptr && known->leaving) return {};
  if (known != nullptr && known->usable()) return {.enter = true};
  const bool meet = leaf && meeting_.size() < meetings_max && fits_beside_met(n) && !failed_.is_put_off(n, now);
  if (meet) meeting_.insert(n);
  return {.offer = entry, .meet = meet};
}

// It would be a leaf, too, when those that are being met have become leafs: while a leaf set fills, half of all that are
// named would be in it for a moment only.
bool named_nodes::fits_beside_met(const node_id& n) const {
  auto then = ring_.leafs;
  for (const auto& m : meeting_) then.insert(m);
  for (const auto& [m, open] : probes_.open()) {
    const auto* r = ring_.find(m);
    if (r != nullptr && r->link.open && !r->doubt.suspect) then.insert(m);
  }
  return then.would_take(n);
}

}  // namespace phyllo::overlay

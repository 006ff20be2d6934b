#include "pastry/ring_formation.hpp"

#include <algorithm>

namespace phyllo::overlay {

ring_formation::ring_formation(const node_id& self, std::vector<node_id> members) : self_(self), members_(std::move(members)) {
  std::ranges::sort(members_);
  const auto twice = std::ranges::unique(members_);
  members_.erase(twice.begin(), twice.end());
  std::erase(members_, self_);
}

bool ring_formation::look(const std::vector<waiting>& here, core::time_point now) {
  const auto member = [this](const waiting& w) { return std::ranges::binary_search(members_, w.node); };
  here_ = 1 + static_cast<std::size_t>(std::ranges::count_if(here, member));
  const bool may = here_ >= needed();
  if (may && !may_form_) since_ = now;
  may_form_ = may;
  if (!may) return false;
  // All of them choose alike: the smallest Node-ID.
  if (std::ranges::any_of(here, [this](const waiting& w) { return w.may_form && w.node < self_; })) return false;
  const bool alone = members_.empty() && here.empty();  // so it was when it was last active
  return alone || now - since_ >= patience;
}

}  // namespace phyllo::overlay

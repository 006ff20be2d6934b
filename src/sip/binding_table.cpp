#include "binding_table.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::sip {

std::vector<binding> binding_table::here(const std::string& user, core::wall_time now) const {
  const auto found = users_.find(user);
  if (found == users_.end()) return {};
  auto out = found->second;
  std::erase_if(out, [&](const binding& b) { return b.expires <= now; });
  return out;
}

std::vector<binding> binding_table::merged(const std::string& user, std::vector<binding> from_overlay, core::wall_time now) const {
  const auto ours = here(user, now);
  for (auto& b : from_overlay) {
    const auto known = std::ranges::find(ours, b.key, &binding::key);
    if (!b.here || known == ours.end()) continue;
    const auto stored_until = b.stored_until;
    b = *known;
    b.stored_until = stored_until;
  }
  return from_overlay;
}

std::vector<std::string> binding_table::users() const {
  std::vector<std::string> out;
  for (const auto& [user, bindings] : users_) out.push_back(user);
  return out;
}

void binding_table::erase(const std::string& user) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  for (const auto& b : found->second) {
    const auto [first, last] = by_expiry_.equal_range(b.expires);
    const auto entry = std::find_if(first, last, [&](const auto& e) { return e.second.user == &found->first && e.second.key == b.key; });
    assert(entry != last);
    by_expiry_.erase(entry);
  }
  users_.erase(found);
}

void binding_table::replace(const std::string& user, const std::vector<binding>& all) {
  std::vector<binding> ours;
  std::ranges::copy_if(all, std::back_inserter(ours), &binding::here);
  if (!ours.empty() || users_.contains(user)) journal_.note(user, ours);
  set(user, std::move(ours));
}

void binding_table::restore(binding_journal::users users) {
  for (auto& [user, bindings] : users) set(user, std::move(bindings));
}

void binding_table::set(const std::string& user, std::vector<binding> ours) {
  erase(user);
  if (ours.empty()) return;
  const auto& [name, bindings] = *users_.emplace(user, std::move(ours)).first;
  for (const auto& b : bindings) by_expiry_.emplace(b.expires, device{&name, b.key});
}

std::vector<std::pair<std::string, binding>> binding_table::take_expired(core::wall_time now, std::size_t max) {
  std::vector<std::pair<std::string, binding>> out;
  while (out.size() < max && !by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    const auto first = by_expiry_.begin()->second;
    const auto user = *first.user;  // which goes with his last binding
    auto left = users_.at(user);
    const auto ended = std::ranges::find(left, first.key, &binding::key);
    assert(ended != left.end());
    out.emplace_back(user, *ended);
    left.erase(ended);
    replace(user, left);
  }
  return out;
}

}  // namespace phyllo::sip

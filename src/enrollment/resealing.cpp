#include "resealing.hpp"

#include "phyllo/enrollment/domain_keys.hpp"

namespace phyllo::enrollment {
namespace {

// One that was made in 1970 is used without delay, and those before it are not waited for.
bool at_once(core::wall_time made) { return made == core::wall_time(); }

}  // namespace

void resealing::learn(const std::string& domain, const std::vector<domain_key>& all) {
  auto& d = domains_[domain];
  d.known.clear();
  for (const auto& k : all) d.known.emplace_back(k.generation, k.made);
}

std::optional<std::string> resealing::due(core::wall_time now) {
  for (const auto& [domain, d] : domains_) {
    if (d.known.size() < 2) continue;
    const auto& [newest, made] = d.known.back();
    if (d.sealed >= newest || d.wanted >= newest) continue;
    if (at_once(made) || now >= made + announced_for) return domain;
  }
  return std::nullopt;
}

void resealing::sealing(const std::string& domain, std::set<std::string> users) {
  auto& d = domains_[domain];
  if (d.known.empty()) return;
  d.wanted = d.known.back().first;
  d.left = std::move(users);
  if (d.left.empty()) d.sealed = d.wanted;
}

void resealing::sealed(const std::string& domain, const std::string& user, std::uint32_t generation) {
  const auto found = domains_.find(domain);
  if (found == domains_.end()) return;
  auto& d = found->second;
  if (generation < d.wanted || d.left.erase(user) == 0 || !d.left.empty()) return;
  d.sealed = d.wanted;
}

std::optional<std::pair<std::string, std::uint32_t>> resealing::forgettable(core::wall_time now) const {
  for (const auto& [domain, d] : domains_) {
    for (auto k = d.known.rbegin(); k != d.known.rend() && std::next(k) != d.known.rend(); ++k) {
      const auto over = at_once(k->second) || now >= k->second + overlap_;
      if (over && d.sealed >= k->first) return std::pair{domain, k->first};
    }
  }
  return std::nullopt;
}

}  // namespace phyllo::enrollment

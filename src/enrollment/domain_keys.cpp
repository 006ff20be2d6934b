#include "phyllo/enrollment/domain_keys.hpp"

namespace phyllo::enrollment {

core::result<identity::domain_keyring> keyring_of(accounts& a, const std::vector<std::string>& domains) {
  identity::domain_keyring ring;
  for (const auto& domain : domains) {
    auto keys = a.domain_keys(domain);
    if (!keys) return core::fail(keys.error());
    for (auto& k : *keys) {
      const auto without_delay = k.made == core::wall_time();
      ring.add(domain, k.generation, std::move(k.pair), without_delay ? k.made : k.made + announced_for);
    }
  }
  return ring;
}

}  // namespace phyllo::enrollment

// What the nodes of a domain share for SIP: of each generation of its key a key for tokens and one for nonces (sip.md, "Keys").
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/identity/domain_keyring.hpp"
#include "phyllo/identity/token_key.hpp"

namespace phyllo::sip {

struct domain_secret {
  std::uint32_t generation = 0;
  identity::token_key tokens;
  core::bytes nonces;
};

class domain_secrets {
 public:
  // Until the first replace(), and for domains that the keyring does not know, the secrets are random ones of this process.
  domain_secrets(core::environment& env, std::vector<std::string> domains);
  // For tests: of domains that `keys` does not know there is nothing.
  domain_secrets(std::vector<std::string> domains, const identity::domain_keyring& keys);

  void replace(const identity::domain_keyring& keys);

  // The one in use first (domain_keyring::current): new tokens are sealed with it, and any of them opens. Empty: not a domain of this node.
  // Valid until replace().
  [[nodiscard]] const std::vector<domain_secret>& of(const std::string& domain) const;
  [[nodiscard]] const std::vector<std::string>& domains() const noexcept { return domains_; }

 private:
  std::vector<std::string> domains_;  // lower case
  std::map<std::string, std::vector<domain_secret>, std::less<>> secrets_;
};

}  // namespace phyllo::sip

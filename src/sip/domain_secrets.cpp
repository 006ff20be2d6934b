#include "domain_secrets.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::sip {
namespace {

constexpr std::string_view token_label = "sip token";
constexpr std::string_view nonce_label = "sip nonce";

domain_secret random_secret(core::environment& env) {
  identity::sha256_digest tokens{};
  env.random(tokens);
  core::bytes nonces(32);
  env.random(nonces);
  return {0, identity::token_key(tokens), std::move(nonces)};
}

}  // namespace

domain_secrets::domain_secrets(core::environment& env, std::vector<std::string> domains) : domains_(std::move(domains)) {
  for (const auto& d : domains_) secrets_[d].push_back(random_secret(env));
}

domain_secrets::domain_secrets(std::vector<std::string> domains, const identity::domain_keyring& keys) : domains_(std::move(domains)) {
  replace(keys);
}

void domain_secrets::replace(const identity::domain_keyring& keys) {
  for (const auto& d : domains_) {
    auto generations = keys.generations(d);
    if (generations.empty()) continue;
    std::ranges::reverse(generations);
    // One that is announced only is not known to every node yet: the one in use goes first.
    if (const auto in_use = std::ranges::find(generations, keys.current(d)); in_use != generations.end())
      std::rotate(generations.begin(), in_use, std::next(in_use));
    std::vector<domain_secret> fresh;
    for (const auto g : generations) {
      const auto tokens = keys.derive(d, g, token_label);
      const auto nonces = keys.derive(d, g, nonce_label);
      if (tokens && nonces) fresh.push_back({g, identity::token_key(*tokens), core::to_bytes(core::byte_view(*nonces))});
    }
    if (!fresh.empty()) secrets_[d] = std::move(fresh);
  }
}

const std::vector<domain_secret>& domain_secrets::of(const std::string& domain) const {
  static const std::vector<domain_secret> none;
  const auto found = secrets_.find(domain);
  return found == secrets_.end() ? none : found->second;
}

}  // namespace phyllo::sip

#include "phyllo/identity/domain_keyring.hpp"

#include <openssl/digest.h>
#include <openssl/hkdf.h>

#include <utility>

#include "boringssl.hpp"

namespace phyllo::identity {

void domain_keyring::add(const std::string& domain, std::uint32_t generation, seal_key_pair pair) {
  keys_[domain].insert_or_assign(generation, std::move(pair));
}

void domain_keyring::forget_before(const std::string& domain, std::uint32_t generation) {
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return;
  auto& of_domain = found->second;
  of_domain.erase(of_domain.begin(), of_domain.lower_bound(generation));
  if (of_domain.empty()) keys_.erase(found);
}

std::vector<std::string> domain_keyring::domains() const {
  std::vector<std::string> out;
  for (const auto& [domain, of_domain] : keys_) out.push_back(domain);
  return out;
}

std::vector<std::uint32_t> domain_keyring::generations(const std::string& domain) const {
  std::vector<std::uint32_t> out;
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return out;
  for (const auto& [generation, pair] : found->second) out.push_back(generation);
  return out;
}

std::uint32_t domain_keyring::current(const std::string& domain) const {
  const auto found = keys_.find(domain);
  return found == keys_.end() ? 0 : found->second.rbegin()->first;
}

const seal_key_pair* domain_keyring::find(const std::string& domain, std::uint32_t generation) const {
  const auto found = keys_.find(domain);
  if (found == keys_.end()) return nullptr;
  const auto pair = found->second.find(generation);
  return pair == found->second.end() ? nullptr : &pair->second;
}

std::optional<sha256_digest> domain_keyring::derive(const std::string& domain, std::uint32_t generation, std::string_view label) const {
  const auto* pair = find(domain, generation);
  if (pair == nullptr) return std::nullopt;
  const auto info = "phyllo " + std::string(label) + ":" + domain;
  sha256_digest out{};
  must(HKDF(out.data(), out.size(), EVP_sha256(), pair->private_key.data(), pair->private_key.size(), nullptr, 0,
            core::as_bytes(info).data(), info.size()));
  return out;
}

}  // namespace phyllo::identity

// The keys of the domains that a node has authority for (enrollment.md, "Domain keys"): of each domain a key pair a generation. The
// pair opens what is sealed for the domain; secrets that all its nodes share, of tokens and nonces, are derived from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/seal.hpp"

namespace phyllo::identity {

// A value. Domains are in lower case; generations begin with 1 and rise.
class domain_keyring {
 public:
  // Takes a key, or takes its place where that generation is known.
  void add(const std::string& domain, std::uint32_t generation, seal_key_pair pair);
  // Forgets the generations of a domain before `generation`.
  void forget_before(const std::string& domain, std::uint32_t generation);

  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
  [[nodiscard]] std::vector<std::string> domains() const;
  // In rising order; empty: no key of it is known.
  [[nodiscard]] std::vector<std::uint32_t> generations(const std::string& domain) const;
  // The newest; 0: none.
  [[nodiscard]] std::uint32_t current(const std::string& domain) const;
  // Null: not known. Valid until the next change.
  [[nodiscard]] const seal_key_pair* find(const std::string& domain, std::uint32_t generation) const;

  // HKDF-SHA256 (RFC 5869) of the private key, without salt; info is "phyllo " + label + ":" + domain. Nullopt: no such key.
  [[nodiscard]] std::optional<sha256_digest> derive(const std::string& domain, std::uint32_t generation, std::string_view label) const;

 private:
  std::map<std::string, std::map<std::uint32_t, seal_key_pair>> keys_;
};

}  // namespace phyllo::identity

// The keys of the domains that a node has authority for (enrollment.md, "Domain keys"): of each domain a key pair a generation. The
// pair opens what is sealed for the domain; secrets that all its nodes share, of tokens and nonces, are derived from it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/identity/seal.hpp"

namespace phyllo::identity {

// A value. Domains are in lower case; generations begin with 1 and rise.
class domain_keyring {
 public:
  static constexpr std::size_t generations_max = 8;  // of a domain: with one more the oldest is forgotten

  // Takes a key, or takes its place where that generation is known. `used_from`: before that time all nodes of the domain open with it, so
  // that none meets what it can not open, but none makes anything with it yet.
  void add(const std::string& domain, std::uint32_t generation, seal_key_pair pair, core::wall_time used_from = {});
  // Forgets the generations of a domain before `generation`.
  void forget_before(const std::string& domain, std::uint32_t generation);
  // Sets what current() tells from now on. The time at which it would tell otherwise; nothing: it would not.
  std::optional<core::wall_time> use_at(core::wall_time now);

  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
  [[nodiscard]] std::vector<std::string> domains() const;
  // In rising order; empty: no key of it is known.
  [[nodiscard]] std::vector<std::uint32_t> generations(const std::string& domain) const;
  // The one to make tokens and nonces with: the newest that was in use at the time of use_at(), the oldest where none was. 0: none.
  [[nodiscard]] std::uint32_t current(const std::string& domain) const;
  // The one to seal with, in use or not. 0: none.
  [[nodiscard]] std::uint32_t newest(const std::string& domain) const;
  // Null: not known. Valid until the next change.
  [[nodiscard]] const seal_key_pair* find(const std::string& domain, std::uint32_t generation) const;

  // HKDF-SHA256 (RFC 5869) of the private key, without salt; info is "phyllo " + label + ":" + domain. Nullopt: no such key.
  [[nodiscard]] std::optional<sha256_digest> derive(const std::string& domain, std::uint32_t generation, std::string_view label) const;

  // Lines of `domain generation private-key used-from`, the key in hex, the time in Unix milliseconds: what the login server answers, and
  // what a node keeps on disk. core::errc::malformed.
  [[nodiscard]] std::string print() const;
  [[nodiscard]] static core::result<domain_keyring> parse(std::string_view text);

  friend bool operator==(const domain_keyring& a, const domain_keyring& b) { return a.print() == b.print(); }

 private:
  struct key {
    seal_key_pair pair;
    core::wall_time used_from;
  };
  std::map<std::string, std::map<std::uint32_t, key>> keys_;
  core::wall_time used_at_ = core::wall_time::max();
};

}  // namespace phyllo::identity

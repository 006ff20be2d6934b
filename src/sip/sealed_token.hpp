// Tokens as texts: the user part of the URIs that a node puts into Path and Record-Route (sip.md, "Tokens"). Sealed with the key of a
// domain, so that every node with authority for it opens them, and nobody else makes or reads one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain_secrets.hpp"

namespace phyllo::sip {

enum class token_use : std::uint8_t { dialog = 1, path = 2 };

//  0     1            2          4
//  +-----+------------+----------+------------------------------------+
//  | use | generation | domain   | content, sealed: 16 octets longer  |   as base64url (RFC 4648 s.5) without padding
//  +-----+------------+----------+------------------------------------+
// generation: its low 8 bits; domain: the first octets of SHA-256 of its name.
class token_sealer {
 public:
  static constexpr std::size_t text_max = 300;

  // `keys` must outlive it.
  explicit token_sealer(const domain_secrets& keys) : keys_(&keys) {}

  // "" for a domain that is none of this node's.
  [[nodiscard]] std::string seal(token_use use, const std::string& domain, core::byte_view content) const;

  struct opened {
    std::string domain;
    core::bytes content;
  };
  // Nullopt: no token of that use and of a domain of ours.
  [[nodiscard]] std::optional<opened> open(token_use use, std::string_view text) const;

 private:
  const domain_secrets* keys_;
};

}  // namespace phyllo::sip

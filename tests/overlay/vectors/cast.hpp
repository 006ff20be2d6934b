// Who speaks in the test vectors: an overlay whose keys, Node-IDs and times are fixed, so that its bytes are the same wherever and whenever
// they are made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::testing {

constexpr std::uint64_t vectors_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z: all that is dated in them
inline const std::string vectors_overlay = "overlay.example.com";

struct player {
  std::string name;
  core::bytes seed;  // 32 bytes: the Ed25519 private key
  identity::node_id node;
  std::string user;
  std::vector<std::string> domains;
  bool peer = false;
  identity::credential credential;
};

class cast {
 public:
  cast();

  core::bytes authority_seed;
  core::bytes authority_der;
  player alice, bob, carol, login;

  [[nodiscard]] std::vector<const player*> all() const { return {&alice, &bob, &carol, &login}; }
  [[nodiscard]] std::uint32_t overlay_hash() const { return identity::trust(vectors_overlay).overlay_hash(); }
};

// Node-ID or Resource-ID of a first octet, zeros, and a last one.
[[nodiscard]] identity::node_id vector_id(std::uint8_t first, std::uint8_t last = 0);

}  // namespace phyllo::testing

// Who certifies the nodes of a test's ring, and the keys of their domain.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/domain_keyring.hpp"

namespace phyllo::testing {

// What the nodes of a ring share.
struct sip_authority {
  core::wall_time now = std::chrono::system_clock::now();
  identity::authority ca = identity::authority::create("ca", now);
  std::shared_ptr<identity::domain_keyring> keys = std::make_shared<identity::domain_keyring>();

  sip_authority() { keys->add("example.com", 1, identity::generate_seal_key()); }
  [[nodiscard]] static identity::node_id id_of(unsigned number) {
    identity::node_id id;
    id.octets.fill(static_cast<std::uint8_t>(number));
    return id;
  }
  [[nodiscard]] std::shared_ptr<const identity::credential> credential(unsigned number, const std::string& user,
                                                                       std::vector<std::string> domains) const {
    auto key = identity::private_key::generate();
    auto c =
        ca.issue({id_of(number), user, "ring.example.com", std::move(domains), now - std::chrono::hours(1), now + std::chrono::hours(24)},
                 key.native());
    return std::make_shared<const identity::credential>(identity::credential{std::move(c.value()), std::move(key)});
  }
};

}  // namespace phyllo::testing

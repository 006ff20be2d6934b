// A small overlay for transport's tests: an authority, its trust, node credentials and a P-256 web certificate.
#pragma once

#include <doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::testing {

inline identity::node_id numbered(std::uint8_t n) {
  identity::node_id id;
  id.octets.fill(0x11);
  id.octets.back() = n;
  return id;
}

inline transport::web_certificate make_web_certificate(const std::vector<std::string>& names) {
  auto made = identity::make_web_certificate(names, std::chrono::system_clock::now(), std::chrono::hours(24));
  return {std::move(made.certificate_pem), std::move(made.key_pem)};
}

struct small_overlay {
  core::wall_time now = std::chrono::system_clock::now();
  identity::authority ca = identity::authority::create("ca", now);
  identity::trust trust{"ring.example.com"};

  small_overlay() { REQUIRE(trust.update({ca.certificate_der()}, {})); }

  [[nodiscard]] std::shared_ptr<const identity::credential> credential(std::uint8_t n, const std::string& overlay = "ring.example.com",
                                                                       core::duration valid_for = std::chrono::hours(24)) const {
    const auto until = now + std::chrono::duration_cast<core::wall_time::duration>(valid_for);
    auto key = identity::private_key::generate();
    auto c = ca.issue({numbered(n), "alice@example.com", overlay, {}, now - std::chrono::hours(24), until}, key.native()).value();
    return std::make_shared<const identity::credential>(identity::credential{std::move(c), std::move(key)});
  }
};

}  // namespace phyllo::testing

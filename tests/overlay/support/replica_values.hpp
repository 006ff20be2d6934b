// Rings and values for the machines of replication.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "kinds/stored_data.hpp"
#include "reload/ring.hpp"
#include "reload/ring_arc.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::testing {

inline const core::time_point replica_start{std::chrono::hours(1)};

inline overlay::node_id random_id(std::mt19937_64& random) { return overlay::from_integer(overlay::uint128(random()) << 64 | random()); }

inline overlay::member active_member(const overlay::node_id& n, std::uint32_t incarnation = 1) {
  return {.node = n, .incarnation = incarnation, .active = true, .suspect = false};
}

inline std::vector<overlay::member> make_ring(std::mt19937_64& random, std::size_t count) {
  std::vector<overlay::member> ring;
  for (std::size_t i = 0; i < count; ++i) ring.push_back(active_member(random_id(random)));
  return ring;
}

inline overlay::stored_data value_at(std::uint64_t time, const std::string& key, const std::string& content, std::uint32_t lifetime = 100) {
  overlay::stored_data d;
  d.storage_time = time;
  d.lifetime = lifetime;
  d.value.key = core::to_bytes(key);
  d.value.value = core::to_bytes(content);
  return d;
}

inline identity::certificate make_certificate(const std::string& user) {
  const auto now = core::from_unix_milliseconds(1'767'225'600'000);
  const auto ca = identity::authority::create("test", now - std::chrono::hours(1));
  identity::authority::request r;
  r.node.octets.fill(5);
  r.user = user;
  r.overlay = "test.overlay";
  r.not_before = now - std::chrono::hours(1);
  r.not_after = now + std::chrono::hours(24);
  const auto key = identity::private_key::generate();
  return ca.issue(r, key.native()).value();
}

}  // namespace phyllo::testing

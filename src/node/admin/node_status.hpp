// What the node says about itself, and what an operation of the overlay met, as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "phyllo/overlay/peer.hpp"
#include "phyllo/sip/service.hpp"

namespace phyllo::node {

// degraded: part of the ring, and without something that it is configured to serve, or that its certificate should be.
enum class node_state { joining, degraded, ready, draining };

[[nodiscard]] const char* text_of(node_state s) noexcept;

struct node_status {
  node_state state = node_state::joining;
  std::string node_id;  // empty before the first enrollment
  std::string overlay;
  std::string role;
  std::string reason;  // while it is not ready: what it waits for
  bool alone = false;  // ready, and no other node is in the ring
  std::uint64_t uptime_s = 0;
  std::string disk;  // what keeps it from writing; empty: nothing
  std::uint64_t disk_free_bytes = 0;
  std::vector<std::string> anchors;  // "sha256:...", of the overlay's CA certificates; empty before the document is there
  std::uint16_t document_sequence = 0;
  overlay::peer_status peer;
  sip::service_status sip;
  std::vector<sip::service_status> shards;  // of each; empty: there is one
  std::map<std::string, std::uint64_t> drops;
};

[[nodiscard]] nlohmann::json to_json(const node_status& s);
[[nodiscard]] nlohmann::json to_json(const overlay::name& n, const overlay::outcome& o);

}  // namespace phyllo::node

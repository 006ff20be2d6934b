// TurnServer, the value of Kind TURN-SERVICE (RFC 6940 s.9).
//
//   iteration (1) | IpAddressPort
#pragma once

#include "phyllo/core/result.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/overlay/name.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::overlay {

// "NODE-MULTIPLE, with a maximum iteration of counter 20"
constexpr std::uint8_t turn_iterations_max = 20;

struct turn_server {
  std::uint8_t iteration = 1;  // 1 .. turn-density
  transport::endpoint at;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<turn_server> decode(core::byte_view value);  // invalid_record
  friend bool operator==(const turn_server&, const turn_server&) = default;
};

// H(Node-ID || i), i as one octet like the iteration that is stored. The Resource-ID of NODE-MULTIPLE.
[[nodiscard]] resource_id multiple_resource(const node_id& node, std::uint8_t i, resource_hash h = resource_hash::sha256);
// H(Node-ID): where NODE-MATCH lets a node write.
[[nodiscard]] resource_id node_resource(const node_id& node, resource_hash h = resource_hash::sha256);

}  // namespace phyllo::overlay

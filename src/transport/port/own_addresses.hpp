// Where this host lives, for address_policy.
#pragma once

#include <asio/ip/address.hpp>
#include <vector>

#include "phyllo/transport/host.hpp"

namespace phyllo::transport {

// What a host binds and advertises. Where it binds no address of its own: what the system would send from to the world, or, without a
// way to the world, those of its interfaces but loopback, or loopback, if there are no others.
[[nodiscard]] std::vector<asio::ip::address> own_addresses(const host_options& o, const core::executor& ex);

// What the system would send from to `to`, now; unspecified if there is no way.
[[nodiscard]] asio::ip::address source_towards(const core::executor& ex, const endpoint& to);

[[nodiscard]] std::vector<std::uint16_t> own_ports(const host_options& o);

}  // namespace phyllo::transport

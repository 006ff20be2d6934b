// A name for the network that this host is in: by it is remembered which rung of the ladder won there.
#pragma once

#include <string>
#include <string_view>

#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

// 16 hex digits of a hash over the default gateways (/proc/net/route, or ipv6_route) and the prefix (24 or 64 bits) of
// the address that the system would send from: the file of winners says nothing of where its owner was.
[[nodiscard]] std::string network_name(const asio::ip::address& source);

// The gateways of the default routes, as the kernel prints them; pure.
[[nodiscard]] std::string default_gateways_v4(std::string_view proc_net_route);
[[nodiscard]] std::string default_gateways_v6(std::string_view proc_net_ipv6_route);

}  // namespace phyllo::transport

#include "settings/host_options.hpp"

#include <algorithm>

#include "settings/ladder_settings.hpp"

namespace phyllo::node {

std::optional<transport::bound_address> bound_address_of(const std::string& text) {
  const auto equals = text.find('=');
  asio::error_code ec;
  transport::bound_address out;
  out.address = asio::ip::make_address(text.substr(0, equals), ec);
  if (ec) return std::nullopt;
  if (equals == std::string::npos) return out;
  out.advertised = asio::ip::make_address(text.substr(equals + 1), ec);
  if (ec || out.advertised->is_unspecified()) return std::nullopt;
  return out;
}

transport::host_options host_options_of(const configuration& c) {
  transport::host_options o;
  o.address = asio::ip::make_address(c.node.address);
  o.advertised_address = c.node.advertised_address;
  for (const auto& a : c.node.further_addresses) o.further_addresses.push_back(*bound_address_of(a));
  for (const auto& p : c.sip.peers) o.named.push_back(*transport::address_prefix::parse(p));
  for (const auto& p : c.limits.proxies) o.proxies.push_back(*transport::address_prefix::parse(p));
  o.limits = c.limits;
  o.ports = c.ports;
  o.ladder = ladder_options_of(c);
  o.rungs = load_rungs(c);
  return o;
}

transport::host_limits part_of(transport::host_limits limits, unsigned shards) {
  const auto part = [shards](std::uint32_t of) { return std::max(std::uint32_t{1}, of / shards); };
  limits.handshakes_per_second /= shards;
  limits.connections_max = part(limits.connections_max);
  limits.half_open_max = part(limits.half_open_max);
  limits.held_mib_max = part(limits.held_mib_max);
  return limits;
}

}  // namespace phyllo::node

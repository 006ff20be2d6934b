#include "port/own_addresses.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <asio/ip/udp.hpp>
#include <cstring>
#include <memory>

namespace phyllo::transport {
namespace {

// Addresses of root servers (a and b.root-servers.net): somewhere in the world. Nothing is sent to them.
const endpoint world_v4{asio::ip::make_address_v4(0xc6290004), 53};
const endpoint world_v6{asio::ip::make_address("2001:503:ba3e::2:30"), 53};

std::vector<asio::ip::address> of_interfaces() {
  std::vector<asio::ip::address> out;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return out;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> guard(list, &::freeifaddrs);
  for (const auto* i = list; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr) continue;
    asio::ip::udp::endpoint e;
    const bool v4 = i->ifa_addr->sa_family == AF_INET;
    if (!v4 && i->ifa_addr->sa_family != AF_INET6) continue;
    std::memcpy(e.data(), i->ifa_addr, v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    if (!e.address().is_loopback()) out.push_back(e.address());
  }
  return out;
}

}  // namespace

asio::ip::address source_towards(const core::executor& ex, const endpoint& to) {
  asio::error_code ec;
  asio::ip::udp::socket probe(ex);
  const asio::ip::udp::endpoint there(to.address, to.port);
  probe.open(there.protocol(), ec);
  if (!ec) probe.connect(there, ec);  // sends nothing
  const auto here = ec ? asio::ip::udp::endpoint() : probe.local_endpoint(ec);
  return here.address();
}

std::vector<asio::ip::address> own_addresses(const host_options& o, const core::executor& ex) {
  std::vector<asio::ip::address> out;
  const auto add = [&out](const asio::ip::address& a) {
    if (!a.is_unspecified()) out.push_back(a);
  };
  asio::error_code ec;
  add(o.address);
  add(asio::ip::make_address(o.advertised_address, ec));
  for (const auto& further : o.further_addresses) {
    add(further.address);
    if (further.advertised) add(*further.advertised);
  }
  if (!o.address.is_unspecified()) return out;
  for (const auto& world : {world_v4, world_v6}) add(source_towards(ex, world));
  if (out.empty()) out = of_interfaces();
  if (out.empty()) out = {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  return out;
}

std::vector<std::uint16_t> own_ports(const host_options& o) {
  const auto& p = o.ports;
  return {p.reload, p.sip, p.sips, p.stun, p.https, p.http};
}

}  // namespace phyllo::transport

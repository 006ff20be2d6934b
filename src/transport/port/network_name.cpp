#include "port/network_name.hpp"

#include <iterator>
#include <sstream>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/read_file.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t name_octets = 8;
constexpr std::size_t file_bytes_max = 16 * 1024 * 1024;  // a table of 100,000 routes

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

// Without it there is no default route, and the network has the name of its address alone.
std::string content_of(const char* file) { return core::read_file(file, file_bytes_max).value_or(std::nullopt).value_or(std::string()); }

std::string prefix_of(const asio::ip::address& a) {
  if (a.is_v4()) {
    const auto b = a.to_v4().to_bytes();
    return core::to_hex(core::byte_view(b).first(3));
  }
  const auto b = a.to_v6().to_bytes();
  return core::to_hex(core::byte_view(b).first(8));
}

}  // namespace

// Iface Destination Gateway ...: hexadecimal, the default route's destination is 0.
std::string default_gateways_v4(std::string_view proc_net_route) {
  std::istringstream in{std::string(proc_net_route)};
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const auto w = words_of(line);
    if (w.size() > 2 && w[1] == "00000000") out += w[2] + " ";
  }
  return out;
}

// Destination, its prefix length, source, its prefix length, next hop, ...
std::string default_gateways_v6(std::string_view proc_net_ipv6_route) {
  const std::string nowhere(32, '0');
  std::istringstream in{std::string(proc_net_ipv6_route)};
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const auto w = words_of(line);
    if (w.size() > 4 && w[0] == nowhere && w[1] == "00" && w[4] != nowhere) out += w[4] + " ";
  }
  return out;
}

std::string network_name(const asio::ip::address& source) {
  const auto gateways =
      source.is_v4() ? default_gateways_v4(content_of("/proc/net/route")) : default_gateways_v6(content_of("/proc/net/ipv6_route"));
  const auto digest = identity::sha256(core::to_bytes(gateways + prefix_of(source)));
  return core::to_hex(core::byte_view(digest).first(name_octets));
}

}  // namespace phyllo::transport

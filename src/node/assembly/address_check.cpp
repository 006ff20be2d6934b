#include "assembly/address_check.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "phyllo/disk/descriptor.hpp"
#include "settings/host_options.hpp"

namespace phyllo::node {
namespace {

struct socket_address {
  sockaddr_storage content{};
  socklen_t size = 0;
};

socket_address socket_address_of(const asio::ip::address& address, std::uint16_t port) {
  socket_address out;
  if (address.is_v4()) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    const auto octets = address.to_v4().to_bytes();
    std::memcpy(&at.sin_addr, octets.data(), octets.size());
    std::memcpy(&out.content, &at, out.size = sizeof at);
  } else {
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(port);
    at.sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
    const auto octets = address.to_v6().to_bytes();
    std::memcpy(&at.sin6_addr, octets.data(), octets.size());
    std::memcpy(&out.content, &at, out.size = sizeof at);
  }
  return out;
}

// 0, or what bind(2) says.
int try_to_bind(const asio::ip::address& address, std::uint16_t port, int type) {
  const auto at = socket_address_of(address, port);
  const disk::descriptor s(::socket(at.content.ss_family, type | SOCK_CLOEXEC, 0));
  if (s.get() < 0) return errno;
  const int on = 1;
  if (address.is_v6()) ::setsockopt(s.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (type == SOCK_STREAM) ::setsockopt(s.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(s.get(), reinterpret_cast<const sockaddr*>(&at.content), at.size) != 0) return errno;
  return type == SOCK_STREAM && port != 0 && ::listen(s.get(), 1) != 0 ? errno : 0;
}

std::string words(int why) { return std::generic_category().message(why); }

bool is_of_this_host(const char* key, const asio::ip::address& address, findings& out) {
  const int why = try_to_bind(address, 0, SOCK_DGRAM);
  if (why == 0) return true;
  if (why != EADDRNOTAVAIL) return out.error(key, fmt::format("{}: can not be used: {}", address.to_string(), words(why))), false;
  out.error(key, fmt::format("{} is no address of this machine (`ip address` shows those). Behind a NAT: node.address is the machine's "
                             "own, node.advertised_address what others dial",
                             address.to_string()));
  return false;
}

void check_port(const char* key, const asio::ip::address& address, std::uint16_t port, int type, findings& out) {
  const auto where = fmt::format("{} {} of {}", type == SOCK_STREAM ? "TCP" : "UDP", port, address.to_string());
  const int why = port == 0 ? 0 : try_to_bind(address, port, type);
  if (why == EADDRINUSE) {
    out.error(key, fmt::format("{}: another program listens there (`ss -lnp` names it); stop it, or take another port", where));
  } else if (why == EACCES) {
    out.error(key, fmt::format("{}: this user may not listen below 1024: give the program CAP_NET_BIND_SERVICE, as the unit in packaging "
                               "does, or take another port",
                               where));
  } else if (why != 0) {
    out.error(key, fmt::format("{}: {}", where, words(why)));
  }
}

void check_ports_at(const asio::ip::address& address, const configuration& c, findings& out) {
  const std::array both{std::pair{"ports.reload", c.ports.reload}, std::pair{"ports.sip", c.ports.sip},
                        std::pair{"ports.stun", c.ports.stun}, std::pair{"ports.https", c.ports.https}};
  for (const auto& [key, port] : both) {
    check_port(key, address, port, SOCK_DGRAM, out);
    check_port(key, address, port, SOCK_STREAM, out);
  }
  check_port("ports.sips", address, c.ports.sips, SOCK_STREAM, out);
  check_port("ports.http", address, c.ports.http, SOCK_STREAM, out);
}

// Somebody answers at the admin socket.
bool node_runs(const configuration& c) {
  const auto path = c.admin_socket();
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path) return false;
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  const disk::descriptor s(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return ::connect(s.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 || errno == EAGAIN;
}

}  // namespace

void check_addresses(const configuration& c, findings& out) {
  const bool ports_too = !node_runs(c);
  const auto look = [&](const char* key, const asio::ip::address& address) {
    if (!is_of_this_host(key, address, out) || !ports_too) return;
    for (std::size_t i = 0; i < c.overlays(); ++i) check_ports_at(address, c.of_overlay(i), out);
  };
  look("node.address", asio::ip::make_address(c.node.address));
  for (const auto& text : c.node.further_addresses) look("node.further_addresses", bound_address_of(text)->address);
  const auto admin = asio::ip::make_address(c.admin.address);
  if (is_of_this_host("admin.address", admin, out) && ports_too) check_port("admin.port", admin, c.admin.port, SOCK_STREAM, out);
}

}  // namespace phyllo::node

#include "addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "phyllo/core/errc.hpp"

namespace phyllo::load {
namespace {

address address_of(const void* from, std::size_t size) {
  address out;
  out.size = static_cast<std::uint8_t>(std::min(size, out.octets.size()));
  std::memcpy(out.octets.data(), from, out.size);
  return out;
}

const sockaddr* native(const address& a) noexcept { return reinterpret_cast<const sockaddr*>(a.octets.data()); }

core::error system_error(std::string_view doing) { return core::error(core::errc::io, fmt::format("{}: {}", doing, std::strerror(errno))); }

}  // namespace

core::result<host_port> host_port::parse(std::string_view text, std::uint16_t default_port) {
  host_port out{std::string(text), std::to_string(default_port)};
  const auto bracket = text.find(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const bool bare_v6 = bracket == std::string_view::npos && colon != text.rfind(':');
  if (colon != std::string_view::npos && !bare_v6) {
    out.host = text.substr(0, colon);
    out.port = text.substr(colon + 1);
  }
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  const bool number = !out.port.empty() && out.port.size() <= 5 && out.port.find_first_not_of("0123456789") == std::string::npos;
  if (out.host.empty() || !number || std::stoi(out.port) > 65'535)
    return core::fail(core::errc::malformed, fmt::format("{}: write it as HOST, HOST:PORT or [IPV6]:PORT", text));
  return out;
}

core::result<address> resolve(const host_port& at) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (const int e = getaddrinfo(at.host.c_str(), at.port.c_str(), &hints, &found); e != 0)
    return core::fail(core::errc::io, fmt::format("{}: {}", at.host, gai_strerror(e)));
  const auto out = address_of(found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return out;
}

std::string to_text(const address& a) {
  char host[INET6_ADDRSTRLEN] = "?";
  if (family_of(a) == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(a.octets.data());
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    return fmt::format("[{}]:{}", host, ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(a.octets.data());
  inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
  return fmt::format("{}:{}", host, ntohs(v4->sin_port));
}

int family_of(const address& a) noexcept { return a.size == 0 ? AF_UNSPEC : native(a)->sa_family; }

core::result<address> source_towards(const address& target) {
  const int s = ::socket(family_of(target), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (s < 0 || ::connect(s, native(target), target.size) != 0) {
    const auto e = system_error(to_text(target));
    if (s >= 0) ::close(s);
    return core::fail(e);
  }
  auto out = local_of(s);
  ::close(s);
  if (out) set_port(*out, 0);
  return out;
}

core::result<address> local_of(int socket) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) != 0) return core::fail(system_error("getsockname"));
  return address_of(&at, size);
}

void set_port(address& a, std::uint16_t port) noexcept {
  const auto n = htons(port);
  std::memcpy(a.octets.data() + 2, &n, sizeof n);  // at the same place in both families
}

}  // namespace phyllo::load

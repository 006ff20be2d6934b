// Names and addresses of the command line, as sockets take them.
#pragma once

#include <string>
#include <string_view>

#include "machine.hpp"
#include "phyllo/core/result.hpp"

struct sockaddr_storage;

namespace phyllo::load {

struct host_port {
  std::string host;
  std::string port;
  // "example.com:5060", "192.0.2.1", "[2001:db8::1]:5060", "2001:db8::1". core::errc::malformed: a port that is no number.
  [[nodiscard]] static core::result<host_port> parse(std::string_view text, std::uint16_t default_port);
};

// The first address of a name, or the address itself. core::errc::io: the resolver's words.
[[nodiscard]] core::result<address> resolve(const host_port& at);
[[nodiscard]] std::string to_text(const address& a);  // "192.0.2.1:5060", "[2001:db8::1]:5060"
[[nodiscard]] int family_of(const address& a) noexcept;

// The address by which this host would send to `target`, with port 0. core::errc::io: there is no way to it.
[[nodiscard]] core::result<address> source_towards(const address& target);
[[nodiscard]] core::result<address> local_of(int socket);
// A port above those that are given: for sockets one after the other.
void set_port(address& a, std::uint16_t port) noexcept;

}  // namespace phyllo::load

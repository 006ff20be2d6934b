// The HTTP/1.1 heads that open a tunnel for TLS: Upgrade (RFC 9110 s.7.8) at a supernode's port 80, and CONNECT
// (s.9.3.6) at a proxy; pure.
//
//   GET /phyllo-reload HTTP/1.1        HTTP/1.1 101 Switching Protocols
//   host: 192.0.2.1                    connection: upgrade
//   connection: upgrade                upgrade: phyllo-reload
//   upgrade: phyllo-reload             (then TLS, from the client's ClientHello on)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/ladder.hpp"

namespace phyllo::transport {

inline constexpr std::size_t tunnel_head_bytes_max = 8192;

[[nodiscard]] std::string print_upgrade_request(const endpoint& to);
[[nodiscard]] std::string print_upgrade_answer();
// `authority`: host and port, the host as a name or an address.
[[nodiscard]] std::string print_connect_request(const std::string& authority, const http_proxy& proxy);

// Of what a stream begins with.
enum class upgrade_request {
  undecided,  // more bytes are needed; never after tunnel_head_bytes_max
  wanted,     // the whole head of a request for our Upgrade
  other,      // the HTTP server's
};
struct upgrade_reading {
  upgrade_request what = upgrade_request::undecided;
  std::size_t head_bytes = 0;  // wanted: what follows them is TLS
};
[[nodiscard]] upgrade_reading read_upgrade_request(core::byte_view seen);

// Of an answer: how many bytes its head has, or nothing yet. refused (another status, which the detail says), malformed,
// too_large.
[[nodiscard]] core::result<std::optional<std::size_t>> read_upgrade_answer(core::byte_view seen);
[[nodiscard]] core::result<std::optional<std::size_t>> read_connect_answer(core::byte_view seen);

}  // namespace phyllo::transport

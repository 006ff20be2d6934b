// By what a TURN server knows a client (RFC 8656 s.2): both ends' addresses and ports, and the transport between them.
#pragma once

#include <cstdint>

#include "phyllo/core/endpoint.hpp"

namespace phyllo::nat {

enum class client_transport : std::uint8_t { udp, tcp, tls };

struct five_tuple {
  core::endpoint client;
  core::endpoint server;
  client_transport transport = client_transport::udp;

  friend bool operator==(const five_tuple&, const five_tuple&) = default;
  friend std::uint64_t keyed_hash(const core::hash_key& key, const five_tuple& t) noexcept {
    return keyed_hash(key, t.client) ^ t.server.port;  // the own end: a stranger chooses among a few ports only
  }
};

[[nodiscard]] constexpr bool is_stream(client_transport t) noexcept { return t != client_transport::udp; }

}  // namespace phyllo::nat

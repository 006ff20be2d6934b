// Multicast DNS (RFC 6762) as far as finding peers needs it: the one-shot query for RELOAD's service (RFC 6763 s.4) and its answer.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::transport {

inline constexpr const char* mdns_service = "_reload._udp.local";
inline constexpr std::size_t mdns_message_max = 1400;  // fits a datagram of any local network

// A question for PTR records of the service.
struct mdns_query {
  std::uint16_t id = 0;
  [[nodiscard]] core::bytes encode() const;  // asks for a unicast answer (RFC 6762 s.5.4)
  // Nothing: malformed, an answer, or a question for something else. Other questions beside it are passed over.
  [[nodiscard]] static std::optional<mdns_query> decode(core::byte_view message);
};

// One peer: the service's instance by PTR, SRV, TXT ("overlay=NAME") and A or AAAA records.
struct mdns_peer {
  std::string instance;  // one label: letters, digits and '-'
  std::string overlay;
  endpoint at;
  friend bool operator==(const mdns_peer&, const mdns_peer&) = default;
};

// In the form of RFC 6762 s.6.7, since the query comes from an ordinary port: with its id and question, TTL 10 s.
[[nodiscard]] core::bytes encode_mdns_answer(const mdns_query& to, const mdns_peer& p);
// Those of which everything is there; none if it is malformed or no answer to `to`.
[[nodiscard]] std::vector<mdns_peer> read_mdns_answer(const mdns_query& to, core::byte_view message);

}  // namespace phyllo::transport

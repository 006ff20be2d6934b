// What an operator can set of a node's sockets: sections [ports] and [limits] of the configuration file, as far as this tier acts on them.
#pragma once

#include <cstdint>

namespace phyllo::transport {

// 0: not opened. Every port speaks every protocol.
struct host_ports {
  std::uint16_t reload = 6084;  // UDP and TCP: overlay
  std::uint16_t sip = 5060;     // UDP and TCP: SIP
  std::uint16_t sips = 5061;    // TCP: SIP over TLS
  std::uint16_t stun = 3478;    // UDP and TCP: STUN
  std::uint16_t https = 443;    // UDP and TCP: login and bootstrap server, overlay through firewalls
  std::uint16_t http = 80;      // TCP
};

// What strangers may have of us, of one address (IPv6: a /64) and of all; before any cryptography. A host takes new ones while it runs,
// but for connections_max.
struct host_limits {
  double source_stun_answers_per_second = 10;  // at most, by UDP to one address that has not shown that it receives; half of them at once,
                                               // and so many a second for long
  double stun_answers_per_second = 50'000;     // to all of them
  double source_handshakes_per_second = 50;    // TLS and DTLS, begun by one address; four times as many at once
  double handshakes_per_second = 2'000;        // begun by all
  std::uint32_t source_connections_max = 2'000;  // accepted streams of one address
  std::uint32_t connections_max = 18'000;        // accepted streams and links together
  std::uint32_t half_open_max = 4'096;           // accepted ones that have not said what they are; the oldest makes room
  std::uint32_t held_mib_max = 64;  // by all accepted streams: unfinished messages, answers not taken; who holds most makes room
};

}  // namespace phyllo::transport

// What arrives, told by its first bytes: the demultiplexer of every port (RFC 7983 for datagrams and binary streams,
// the first line for text).
#pragma once

#include "phyllo/core/bytes.hpp"

namespace phyllo::transport {

enum class datagram_kind {
  stun,          // 0-3 with the magic cookie
  dtls,          // 20-63
  turn_channel,  // 64-79
  sip,           // text, or the CRLFs of a keep-alive
  noise,
};
[[nodiscard]] datagram_kind classify_datagram(core::byte_view data) noexcept;
// Whether text begins with a line of SIP/2.0, after empty lines if there are any (RFC 3261 s.7): before anything is noted of its sender.
[[nodiscard]] bool has_sip_start_line(core::byte_view data) noexcept;

enum class stream_kind {
  undecided,  // more bytes are needed; never after sniff_bytes_max
  tls,
  sip,
  http,
  stun,  // 0-3 with the magic cookie: TURN over TCP and TLS begins so too
  noise,
};
inline constexpr std::size_t sniff_bytes_max = 64;
[[nodiscard]] stream_kind classify_stream(core::byte_view data) noexcept;

}  // namespace phyllo::transport

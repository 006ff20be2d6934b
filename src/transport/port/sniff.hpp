// What arrives, told by its first bytes: the demultiplexer of every port (RFC 7983 for datagrams and binary streams,
// the first line for text).
#pragma once

#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/transport/doors.hpp"

namespace phyllo::transport {

// Nullopt: noise.
[[nodiscard]] std::optional<datagram_kind> classify_datagram(core::byte_view data) noexcept;
// Of DTLS: it begins an association.
[[nodiscard]] bool is_client_hello(core::byte_view dtls) noexcept;

enum class stream_start {
  undecided,  // more bytes are needed; never after sniff_bytes_max
  tls,
  stun,  // 0-3 with the magic cookie
  text,
  http,
  noise,
};
inline constexpr std::size_t sniff_bytes_max = 64;
[[nodiscard]] stream_start classify_stream(core::byte_view data) noexcept;

}  // namespace phyllo::transport

// A WebSocket client's bytes (RFC 6455 s.5), written here by hand so that they are not our own code's.
#pragma once

#include <optional>
#include <string>

#include "phyllo/core/bytes.hpp"

namespace phyllo::testing {

inline constexpr std::uint8_t text_frame = 1;
inline constexpr std::uint8_t close_frame = 8;
inline constexpr std::uint8_t ping_frame = 9;
inline constexpr std::uint8_t pong_frame = 10;

// One whole frame of a client, so masked.
inline core::bytes client_frame(std::uint8_t opcode, std::string_view payload, bool last = true) {
  constexpr std::array<std::uint8_t, 4> mask{0x37, 0xfa, 0x21, 0x3d};
  core::bytes out;
  out.push_back(static_cast<std::uint8_t>((last ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    out.push_back(static_cast<std::uint8_t>(0x80 | payload.size()));
  } else {
    out.push_back(0x80 | 126);
    out.push_back(static_cast<std::uint8_t>(payload.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(payload.size()));
  }
  out.insert(out.end(), mask.begin(), mask.end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    out.push_back(static_cast<std::uint8_t>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % 4]));
  return out;
}

struct server_frame {
  std::uint8_t opcode = 0;
  std::string payload;
};

// Takes one whole frame of a server off the front; nothing: it is not whole.
inline std::optional<server_frame> take_frame(core::bytes& from) {
  if (from.size() < 2) return std::nullopt;
  std::size_t header = 2;
  std::size_t size = from[1];
  if (size == 126) {
    if (from.size() < 4) return std::nullopt;
    header = 4;
    size = static_cast<std::size_t>(from[2]) << 8 | from[3];
  }
  if (from.size() < header + size) return std::nullopt;
  server_frame out{static_cast<std::uint8_t>(from[0] & 0x0f), std::string(core::as_text(core::byte_view(from).subspan(header, size)))};
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(header + size));
  return out;
}

inline std::string websocket_request(std::string_view origin = {}) {
  std::string out =
      "GET /ws HTTP/1.1\r\nHost: node.example.com\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n";
  if (!origin.empty()) out.append("Origin: ").append(origin).append("\r\n");
  return out + "\r\n";
}

}  // namespace phyllo::testing

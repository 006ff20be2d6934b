// STUN message types: a method and a class (RFC 8489 s.5). The class's two bits (C1, C0) stand between those of the method:
//
//   0                 1
//   2  3  4 5 6 7 8 9 0 1 2 3 4 5
//  |M11 M10 M9 M8 M7|C1|M6 M5 M4|C0|M3 M2 M1 M0|
#pragma once

#include <cstdint>

namespace phyllo::stun {

enum class method : std::uint16_t {
  binding = 0x001,
  allocate = 0x003,            // RFC 8656 s.17
  refresh = 0x004,             //
  send = 0x006,                //
  data = 0x007,                //
  create_permission = 0x008,   //
  channel_bind = 0x009,        //
  connect = 0x00a,             // RFC 6062 s.6.1
  connection_bind = 0x00b,     //
  connection_attempt = 0x00c,  //
};

enum class message_class : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };

[[nodiscard]] constexpr std::uint16_t type_of(method m, message_class c) noexcept {
  const auto n = static_cast<unsigned>(m);
  const auto k = static_cast<unsigned>(c);
  return static_cast<std::uint16_t>((n & 0x000f) | (n & 0x0070) << 1 | (n & 0x0f80) << 2 | (k & 1) << 4 | (k & 2) << 7);
}
[[nodiscard]] constexpr method method_of(std::uint16_t type) noexcept {
  return static_cast<method>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
}
[[nodiscard]] constexpr message_class class_of(std::uint16_t type) noexcept {
  return static_cast<message_class>((type & 0x0010) >> 4 | (type & 0x0100) >> 7);
}
// Allocate, Refresh, Send, Data, CreatePermission, ChannelBind (RFC 8656), Connect, ConnectionBind, ConnectionAttempt (RFC 6062).
[[nodiscard]] constexpr bool is_turn(method m) noexcept {
  return m == method::allocate || m == method::refresh || (m >= method::send && m <= method::connection_attempt);
}

}  // namespace phyllo::stun

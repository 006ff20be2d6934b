// The four transaction machines of RFC 3261 s.17 as corrected by RFC 6026: values that are told what happened and
// when, and say what to do. They hold no message and no socket.
#pragma once

#include <cstdint>

#include "phyllo/core/time.hpp"
#include "phyllo/sip/service_settings.hpp"

namespace phyllo::sip {

// s.17.1.1.2, Timer D: "at least 32 seconds for unreliable transports".
constexpr core::duration timer_d = std::chrono::seconds(32);
// s.16.6 step 11: "The timer MUST be larger than 3 minutes."
constexpr core::duration timer_c_after = std::chrono::seconds(185);

constexpr auto never = core::time_point::max();  // a timer that does not run

enum class transaction_state : std::uint8_t { calling, trying, proceeding, completed, confirmed, accepted, terminated };

// What to do next; bits.
enum class todo : std::uint8_t {
  nothing = 0,
  send = 1,         // (re)transmit: the request (client), the last response (server)
  send_ack = 2,     // ACK for a non-2xx final response, and again for its retransmissions
  pass_up = 4,      // the message goes to the transaction user
  send_trying = 8,  // 100, s.17.2.1
  timed_out = 16,   // tell the user: Timer B, F or H
  timer_c = 32,     // tell the user
};
[[nodiscard]] constexpr todo operator|(todo a, todo b) noexcept {
  return static_cast<todo>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr bool has(todo set, todo bit) noexcept {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(bit)) != 0;
}

}  // namespace phyllo::sip

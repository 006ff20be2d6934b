// What an Allocate request asks for (RFC 8656 s.7.2, checks 3 to 9), read and checked as far as a request alone can be.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>

#include "phyllo/nat/turn_settings.hpp"
#include "phyllo/stun/value.hpp"
#include "turn/port_pool.hpp"

namespace phyllo::nat {

struct turn_wish {
  stun::address_family family = stun::address_family::v4;
  bool both_families = false;
  port_pool::wanted ports = port_pool::wanted::any;
  std::optional<std::uint64_t> token;  // of a reservation
  bool mobile = false;
};

// The wish, or the code of the error.
[[nodiscard]] std::expected<turn_wish, int> read_wish(const stun::message_view& m, const turn_settings& s);

// LIFETIME as it is granted (s.7.2, s.8.2): at least the default of 600 seconds, at most lifetime_max, 0 where a Refresh asks for that;
// nullopt: it has another form.
[[nodiscard]] std::optional<std::chrono::seconds> granted_lifetime(const stun::message_view& m, const turn_settings& s);

// Whether a server has to know such an attribute in a request to it, and does not (RFC 8489 s.6.3.1: 420). One that can not set the DF bit
// does not know DONT-FRAGMENT (RFC 8656 s.7.2, check 4).
[[nodiscard]] bool unknown_to_turn(std::uint16_t asked, bool sets_df) noexcept;

}  // namespace phyllo::nat

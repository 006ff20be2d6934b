// One allocation of a TURN server (RFC 8656 s.3.2, s.6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "phyllo/nat/turn_settings.hpp"
#include "phyllo/stun/value.hpp"
#include "turn/channel_table.hpp"
#include "turn/permission_table.hpp"
#include "turn/relay_table.hpp"

namespace phyllo::nat {

struct allocation {
  allocation(const five_tuple& by, std::uint64_t its_serial, const turn_limits& limits, const core::hash_key& key)
      : client(by), serial(its_serial), permissions(limits.permissions, key), channels(limits.channels, key) {}

  five_tuple client;
  std::optional<five_tuple> former;  // where a client that has moved is still sent to (RFC 8016 s.3.2.2)
  asio::ip::address counted_at;      // the address whose quota it is of
  std::uint64_t serial;              // of all allocations of this server
  std::string user;
  stun::transaction_id created_by{};                // the Allocate request, which may come again
  std::vector<relay_number> relays;                 // one, or one of each family
  std::optional<std::uint64_t> reserved;            // the RESERVATION-TOKEN that it was told
  std::optional<stun::address_error_value> failed;  // the ADDRESS-ERROR-CODE that it was told
  std::uint64_t ticket = 0;                         // the number of its mobility ticket in force; 0: it has none
  std::uint64_t former_ticket = 0;                  // the one before, good for retransmissions
  core::time_point expires;
  permission_table permissions;
  channel_table channels;

  [[nodiscard]] const five_tuple& reached_at() const noexcept { return former ? *former : client; }
};

}  // namespace phyllo::nat

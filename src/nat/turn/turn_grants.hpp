// What an Allocate request is given of relay ports, or held for it (RFC 8656 s.7.2), once it is known that it may have some.
#pragma once

#include <expected>

#include "turn/relay_table.hpp"
#include "turn/reservations.hpp"
#include "turn/turn_quotas.hpp"
#include "turn/turn_request.hpp"
#include "turn/turn_wish.hpp"

namespace phyllo::nat {

struct turn_grant {
  std::vector<relay_number> relays;
  std::optional<stun::address_error_value> failed;  // of two families that were asked for, the one that could not be had
  std::optional<std::uint64_t> reserved;            // the token of the next port
};

class turn_grants {
 public:
  // Both must outlive it. `tokens`: random and secret.
  turn_grants(relay_table& relays, turn_quotas& quotas, const core::hash_key& tokens) : relays_(relays), quotas_(quotas), tokens_(tokens) {}

  // Open relay ports that are nobody's yet; or the code of the error, and nothing is open.
  [[nodiscard]] std::expected<turn_grant, int> grant(const turn_request& r, const turn_wish& w);
  // What is held ends.
  [[nodiscard]] std::optional<core::time_point> next() const { return held_.next(); }
  void expire(core::time_point now);

 private:
  [[nodiscard]] std::expected<turn_grant, int> open(const turn_request& r, const turn_wish& w);
  [[nodiscard]] std::expected<turn_grant, int> take_held(std::uint64_t token, core::time_point now);
  [[nodiscard]] int hold(const turn_request& r, turn_grant& g);

  relay_table& relays_;
  turn_quotas& quotas_;
  keyed_sequence tokens_;
  reservations held_;
};

}  // namespace phyllo::nat

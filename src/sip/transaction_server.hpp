// The non-INVITE server transaction (RFC 3261 s.17.2.2).
#pragma once

#include "transaction.hpp"

namespace phyllo::sip {

class server_transaction {
 public:
  // The request has just come and goes to the user. `timers` must outlive it.
  server_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept
      : timers_(&timers), reliable_(reliable), deadline_(now + 64 * timers.t1) {}

  [[nodiscard]] todo on_request() const noexcept;                          // the request again
  [[nodiscard]] todo on_reply(int status, core::time_point now) noexcept;  // from the user
  [[nodiscard]] todo on_timer(core::time_point now) noexcept;

  [[nodiscard]] transaction_state state() const noexcept { return state_; }
  [[nodiscard]] core::time_point next_timer() const noexcept { return deadline_; }  // time_point::max(): none

 private:
  const transaction_settings* timers_;
  bool reliable_;
  transaction_state state_ = transaction_state::trying;
  // Timer J. Before the final response the client's Timer F, after which nobody waits for one: a request that the user
  // forgets is forgotten here too.
  core::time_point deadline_;
};

}  // namespace phyllo::sip

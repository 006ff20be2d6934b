// The non-INVITE client transaction (RFC 3261 s.17.1.2).
#pragma once

#include "transaction.hpp"

namespace phyllo::sip {

class client_transaction {
 public:
  // The request has just been sent. `timers` must outlive it.
  client_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept;

  [[nodiscard]] todo on_response(int status, core::time_point now) noexcept;
  [[nodiscard]] todo on_timer(core::time_point now) noexcept;
  void on_transport_error() noexcept { end(); }

  [[nodiscard]] transaction_state state() const noexcept { return state_; }
  [[nodiscard]] core::time_point next_timer() const noexcept;  // time_point::max(): none

 private:
  void end() noexcept;

  const transaction_settings* timers_;
  bool reliable_;
  transaction_state state_ = transaction_state::trying;
  core::duration interval_;      // of Timer E
  core::time_point retransmit_;  // Timer E
  core::time_point deadline_;    // Timer F or K
};

}  // namespace phyllo::sip

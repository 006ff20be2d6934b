// The INVITE client transaction (RFC 3261 s.17.1.1, RFC 6026 s.7.2, Timer C of s.16.6 and s.16.8).
#pragma once

#include "transaction.hpp"

namespace phyllo::sip {

class invite_client_transaction {
 public:
  // The request has just been sent. `timers` must outlive it.
  invite_client_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept;

  [[nodiscard]] todo on_response(int status, core::time_point now) noexcept;
  [[nodiscard]] todo on_timer(core::time_point now) noexcept;
  // s.9.1: a CANCEL is out. "If there is no final response for the original request in 64*T1 seconds", it times out.
  void on_cancelled(core::time_point now) noexcept;
  void on_transport_error() noexcept { end(); }

  [[nodiscard]] transaction_state state() const noexcept { return state_; }
  [[nodiscard]] core::time_point next_timer() const noexcept;  // time_point::max(): none

 private:
  void end() noexcept;
  void complete(core::time_point now) noexcept;

  const transaction_settings* timers_;
  bool reliable_;
  transaction_state state_ = transaction_state::calling;
  core::duration interval_;      // of Timer A
  core::time_point retransmit_;  // Timer A
  core::time_point deadline_;    // Timer B, D or M, or the end of waiting after a CANCEL
  core::time_point c_;           // Timer C
};

}  // namespace phyllo::sip

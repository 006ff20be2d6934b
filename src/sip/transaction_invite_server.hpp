// The INVITE server transaction (RFC 3261 s.17.2.1, RFC 6026 s.7.1).
#pragma once

#include "transaction.hpp"

namespace phyllo::sip {

class invite_server_transaction {
 public:
  // The INVITE has just come and goes to the user. `timers` must outlive it.
  invite_server_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept;

  [[nodiscard]] todo on_request() noexcept;  // the INVITE again
  [[nodiscard]] todo on_ack(core::time_point now) noexcept;
  [[nodiscard]] todo on_reply(int status, core::time_point now) noexcept;  // from the user
  [[nodiscard]] todo on_timer(core::time_point now) noexcept;

  [[nodiscard]] transaction_state state() const noexcept { return state_; }
  [[nodiscard]] core::time_point next_timer() const noexcept;  // time_point::max(): none

 private:
  void end() noexcept;

  const transaction_settings* timers_;
  bool reliable_;
  bool replied_ = false;
  transaction_state state_ = transaction_state::proceeding;
  core::duration interval_;                              // of Timer G
  core::time_point retransmit_;                          // the 100's time, then Timer G
  core::time_point deadline_ = core::time_point::max();  // Timer H, I or L
};

}  // namespace phyllo::sip

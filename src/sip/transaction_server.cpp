#include "transaction_server.hpp"

namespace phyllo::sip {

todo server_transaction::on_request() const noexcept {
  const bool answered = state_ == transaction_state::proceeding || state_ == transaction_state::completed;
  return answered ? todo::send : todo::nothing;
}

todo server_transaction::on_reply(int status, core::time_point now) noexcept {
  if (state_ != transaction_state::trying && state_ != transaction_state::proceeding) return todo::nothing;
  if (status < 200) {
    state_ = transaction_state::proceeding;
    return todo::send;
  }
  // s.17.2.2: Timer J is 64*T1 for unreliable transports and zero for reliable ones.
  state_ = reliable_ ? transaction_state::terminated : transaction_state::completed;
  if (!reliable_) deadline_ = now + 64 * timers_->t1;
  return todo::send;
}

todo server_transaction::on_timer(core::time_point now) noexcept {
  if (now < deadline_) return todo::nothing;
  state_ = transaction_state::terminated;
  deadline_ = core::time_point::max();
  return todo::nothing;
}

}  // namespace phyllo::sip

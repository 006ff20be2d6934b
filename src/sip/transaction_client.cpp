#include "transaction_client.hpp"

#include <algorithm>

namespace phyllo::sip {

client_transaction::client_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept
    : timers_(&timers),
      reliable_(reliable),
      interval_(timers.t1),
      retransmit_(reliable ? never : now + timers.t1),
      deadline_(now + 64 * timers.t1) {}

void client_transaction::end() noexcept {
  state_ = transaction_state::terminated;
  retransmit_ = deadline_ = never;
}

todo client_transaction::on_response(int status, core::time_point now) noexcept {
  if (state_ != transaction_state::trying && state_ != transaction_state::proceeding) return todo::nothing;
  if (status < 200) {
    state_ = transaction_state::proceeding;
    return todo::pass_up;
  }
  if (reliable_) {
    end();  // s.17.1.2.2: Timer K is zero for reliable transports
    return todo::pass_up;
  }
  state_ = transaction_state::completed;
  retransmit_ = never;
  deadline_ = now + timers_->t4;  // Timer K
  return todo::pass_up;
}

todo client_transaction::on_timer(core::time_point now) noexcept {
  if (now >= deadline_) {
    const bool unanswered = state_ != transaction_state::completed;
    end();
    return unanswered ? todo::timed_out : todo::nothing;
  }
  if (now < retransmit_) return todo::nothing;
  // s.17.1.2.2: MIN(2*T1, T2), then on; in Proceeding always T2.
  interval_ = state_ == transaction_state::proceeding ? timers_->t2 : std::min<core::duration>(2 * interval_, timers_->t2);
  retransmit_ = now + interval_;
  return todo::send;
}

core::time_point client_transaction::next_timer() const noexcept { return std::min(retransmit_, deadline_); }

}  // namespace phyllo::sip

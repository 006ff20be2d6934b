#include "transaction_invite_client.hpp"

#include <algorithm>

namespace phyllo::sip {

invite_client_transaction::invite_client_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept
    : timers_(&timers),
      reliable_(reliable),
      interval_(timers.t1),
      retransmit_(reliable ? never : now + timers.t1),
      deadline_(now + 64 * timers.t1),
      c_(now + timer_c_after) {}

void invite_client_transaction::end() noexcept {
  state_ = transaction_state::terminated;
  retransmit_ = deadline_ = c_ = never;
}

// s.17.1.1.2: Timer D; zero for reliable transports.
void invite_client_transaction::complete(core::time_point now) noexcept {
  if (reliable_) return end();
  state_ = transaction_state::completed;
  retransmit_ = c_ = never;
  deadline_ = now + timer_d;
}

todo invite_client_transaction::on_response(int status, core::time_point now) noexcept {
  const bool waiting = state_ == transaction_state::calling || state_ == transaction_state::proceeding;
  if (status < 200) {
    if (!waiting) return todo::nothing;
    // Timer B belongs to Calling; a wait for the answer to a CANCEL goes on.
    if (state_ == transaction_state::calling) deadline_ = never;
    state_ = transaction_state::proceeding;
    retransmit_ = never;
    // s.16.7 step 2: "The timer C MUST be reset" for provisional responses other than 100.
    if (status > 100 && c_ != never) c_ = now + timer_c_after;
    return todo::pass_up;
  }
  if (status < 300) {
    if (state_ == transaction_state::accepted) return todo::pass_up;
    if (!waiting) return todo::nothing;
    state_ = transaction_state::accepted;
    retransmit_ = c_ = never;
    deadline_ = now + 64 * timers_->t1;  // Timer M
    return todo::pass_up;
  }
  if (state_ == transaction_state::completed) return todo::send_ack;
  if (!waiting) return todo::nothing;
  complete(now);
  return todo::pass_up | todo::send_ack;
}

void invite_client_transaction::on_cancelled(core::time_point now) noexcept {
  if (state_ != transaction_state::proceeding) return;
  c_ = never;
  deadline_ = now + 64 * timers_->t1;
}

todo invite_client_transaction::on_timer(core::time_point now) noexcept {
  if (now >= deadline_) {
    const bool unanswered = state_ == transaction_state::calling || state_ == transaction_state::proceeding;
    end();
    return unanswered ? todo::timed_out : todo::nothing;
  }
  if (now >= c_) {
    c_ = never;
    return todo::timer_c;
  }
  if (now < retransmit_) return todo::nothing;
  // s.17.1.1.2: "the request is retransmitted with intervals that double after each transmission".
  interval_ *= 2;
  retransmit_ = now + interval_;
  return todo::send;
}

core::time_point invite_client_transaction::next_timer() const noexcept { return std::min({retransmit_, deadline_, c_}); }

}  // namespace phyllo::sip

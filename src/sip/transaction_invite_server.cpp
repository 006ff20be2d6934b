#include "transaction_invite_server.hpp"

#include <algorithm>

namespace phyllo::sip {
namespace {

// s.17.2.1: "The server transaction MUST generate a 100 (Trying) response unless it knows that the TU will generate a
// provisional or final response within 200 ms".
constexpr auto trying_after = std::chrono::milliseconds(200);

}  // namespace

invite_server_transaction::invite_server_transaction(const transaction_settings& timers, bool reliable, core::time_point now) noexcept
    : timers_(&timers), reliable_(reliable), interval_(timers.t1), retransmit_(now + trying_after) {}

void invite_server_transaction::end() noexcept {
  state_ = transaction_state::terminated;
  retransmit_ = deadline_ = never;
}

todo invite_server_transaction::on_request() noexcept {
  const bool answered = state_ == transaction_state::completed || (state_ == transaction_state::proceeding && replied_);
  return answered ? todo::send : todo::nothing;
}

todo invite_server_transaction::on_ack(core::time_point now) noexcept {
  if (state_ == transaction_state::accepted) return todo::pass_up;
  if (state_ != transaction_state::completed) return todo::nothing;
  if (reliable_) {
    end();  // s.17.2.1: Timer I is zero for reliable transports
    return todo::nothing;
  }
  state_ = transaction_state::confirmed;
  retransmit_ = never;
  deadline_ = now + timers_->t4;  // Timer I
  return todo::nothing;
}

todo invite_server_transaction::on_reply(int status, core::time_point now) noexcept {
  if (state_ == transaction_state::accepted) return status >= 200 && status < 300 ? todo::send : todo::nothing;
  if (state_ != transaction_state::proceeding) return todo::nothing;
  replied_ = true;
  retransmit_ = never;
  if (status < 200) return todo::send;
  deadline_ = now + 64 * timers_->t1;  // Timer L or H
  if (status < 300) {
    state_ = transaction_state::accepted;
    return todo::send;
  }
  state_ = transaction_state::completed;
  if (!reliable_) retransmit_ = now + interval_;  // Timer G
  return todo::send;
}

todo invite_server_transaction::on_timer(core::time_point now) noexcept {
  if (now >= deadline_) {
    const bool unacknowledged = state_ == transaction_state::completed;
    end();
    return unacknowledged ? todo::timed_out : todo::nothing;
  }
  if (now < retransmit_) return todo::nothing;
  if (state_ == transaction_state::proceeding) {
    replied_ = true;
    retransmit_ = never;
    return todo::send_trying;
  }
  interval_ = std::min<core::duration>(2 * interval_, timers_->t2);
  retransmit_ = now + interval_;
  return todo::send;
}

core::time_point invite_server_transaction::next_timer() const noexcept { return std::min(retransmit_, deadline_); }

}  // namespace phyllo::sip

#include "phyllo/stun/transaction.hpp"

namespace phyllo::stun {

client_transaction client_transaction::over_datagrams(core::time_point now, const transaction_timing& t) noexcept {
  return {now, t.rto, t.rc, t.rto * t.rm};
}

client_transaction client_transaction::over_stream(core::time_point now, const transaction_timing& t) noexcept {
  return {now, core::duration::zero(), 1, t.ti};
}

// s.6.2.1: "doubling the RTO ... until a response is received, or until a total of Rc requests have been sent"; then Rm times the RTO.
client_transaction::action client_transaction::at(core::time_point now) noexcept {
  if (now < next_) return action::wait;
  if (sent_ == sends_) return action::fail;
  ++sent_;
  next_ += sent_ == sends_ ? last_ : interval_;
  interval_ *= 2;
  return action::send;
}

}  // namespace phyllo::stun

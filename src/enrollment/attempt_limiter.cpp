#include "attempt_limiter.hpp"

#include <algorithm>

namespace phyllo::enrollment {
namespace {

asio::ip::address network_of(const asio::ip::address& a) {
  if (a.is_v4()) return a;
  const auto v6 = a.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6);
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes);
}

}  // namespace

bool attempt_limiter::begin(const asio::ip::address& from, core::time_point now) {
  forget_past(now);
  const auto network = network_of(from);
  auto found = by_address_.find(network);
  if (found == by_address_.end()) {
    if (by_address_.size() == addresses_max) forget_oldest();
    oldest_first_.push_back(network);
    const minute fresh{0, now + std::chrono::minutes(1), std::prev(oldest_first_.end())};
    found = by_address_.emplace(network, fresh).first;
  }
  if (found->second.attempts >= limit_) return false;
  ++found->second.attempts;
  return true;
}

void attempt_limiter::forgive(const asio::ip::address& from) {
  const auto found = by_address_.find(network_of(from));
  if (found != by_address_.end() && found->second.attempts > 0) --found->second.attempts;
}

void attempt_limiter::forget_past(core::time_point now) {
  while (!oldest_first_.empty() && by_address_.at(oldest_first_.front()).ends <= now)
    forget_oldest();  // ends at the first minute that runs
}

void attempt_limiter::forget_oldest() {
  by_address_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

}  // namespace phyllo::enrollment

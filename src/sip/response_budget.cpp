#include "response_budget.hpp"

#include <algorithm>
#include <limits>

namespace phyllo::sip {
namespace {

constexpr double credit_max = 256.0 * 1024;
const auto answers = core::source_limit::at_most_in_a_second(response_budget::answers_in_a_second);

}  // namespace

bool response_budget::proven(const asio::ip::address& a, core::time_point now) const {
  const auto* since = proven_.find(core::source_key(a));
  return since != nullptr && now - *since < proof_lifetime;
}

void response_budget::proved(const asio::ip::address& a, core::time_point now) {
  const auto key = core::source_key(a);
  proven_.try_emplace(key).first = now;
  strangers_.erase(key);
}

void response_budget::received(const asio::ip::address& from, std::size_t bytes, core::time_point now) {
  if (proven(from, now)) return;
  const auto key = core::source_key(from);
  auto* known = strangers_.use(key);
  if (known == nullptr) {
    const auto answers_left = strangers_.full() ? strangers_.oldest()->second.answers : core::token_bucket(answers.burst, now);
    known = &strangers_.try_emplace(key, account{0, 0, answers_left}).first;
  }
  known->credit = std::min(credit_max, known->credit + factor * static_cast<double>(bytes));
  known->provisional = std::min(credit_max, known->provisional + provisional_factor * static_cast<double>(bytes));
}

std::size_t response_budget::room(const asio::ip::address& to, core::time_point now) const {
  if (proven(to, now)) return std::numeric_limits<std::size_t>::max();
  const auto* known = strangers_.find(core::source_key(to));
  return known == nullptr ? 0 : static_cast<std::size_t>(known->credit);
}

bool response_budget::take(const asio::ip::address& to, std::size_t bytes, bool provisional, core::time_point now) {
  if (proven(to, now)) return true;
  auto* known = strangers_.find(core::source_key(to));
  if (known == nullptr) return false;
  auto& a = *known;
  const auto size = static_cast<double>(bytes);
  if (a.credit < size || (provisional && a.provisional < size) || !a.answers.take(answers.per_second, answers.burst, now)) return false;
  a.credit -= size;
  if (provisional) a.provisional -= size;
  return true;
}

}  // namespace phyllo::sip

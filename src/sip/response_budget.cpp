#include "response_budget.hpp"

#include <algorithm>

namespace phyllo::sip {
namespace {

constexpr double credit_max = 256.0 * 1024;
const auto answers = core::source_limit::at_most_in_a_second(response_budget::answers_in_a_second);

}  // namespace

bool response_budget::proven(const asio::ip::address& a, core::time_point now) const {
  const auto known = proven_.find(core::source_key(a));
  return known != proven_.end() && now - known->second < proof_lifetime;
}

void response_budget::proved(const asio::ip::address& a, core::time_point now) {
  const auto key = core::source_key(a);
  if (proven_.size() >= sources_max && !proven_.contains(key)) {
    std::erase_if(proven_, [now](const auto& p) { return now - p.second >= proof_lifetime; });
    if (proven_.size() >= sources_max) return;  // strangers' bounds then hold for it
  }
  proven_.insert_or_assign(key, now);
  strangers_.erase(key);
}

void response_budget::received(const asio::ip::address& from, std::size_t bytes, core::time_point now) {
  if (proven(from, now)) return;
  const auto key = core::source_key(from);
  auto found = strangers_.find(key);
  if (found == strangers_.end()) {
    if (strangers_.size() >= sources_max) std::erase_if(strangers_, [now](const auto& s) { return now - s.second.touched >= memory; });
    if (strangers_.size() >= sources_max) strangers_.clear();  // a flood of addresses: rather than a scan for each of them
    found = strangers_.emplace(key, account{0, 0, core::token_bucket(answers.burst, now), now}).first;
  }
  auto& a = found->second;
  a.credit = std::min(credit_max, a.credit + factor * static_cast<double>(bytes));
  a.provisional = std::min(credit_max, a.provisional + provisional_factor * static_cast<double>(bytes));
  a.touched = now;
}

bool response_budget::take(const asio::ip::address& to, std::size_t bytes, bool provisional, core::time_point now) {
  if (proven(to, now)) return true;
  const auto found = strangers_.find(core::source_key(to));
  if (found == strangers_.end()) return false;
  auto& a = found->second;
  const auto size = static_cast<double>(bytes);
  if (a.credit < size || (provisional && a.provisional < size) || !a.answers.take(answers.per_second, answers.burst, now)) return false;
  a.credit -= size;
  if (provisional) a.provisional -= size;
  return true;
}

}  // namespace phyllo::sip

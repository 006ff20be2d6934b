#include "ringing_calls.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::sip {

std::uint64_t ringing_calls::key_of(std::string_view kind, std::string_view one, std::string_view other) const {
  std::string text(kind);
  text.append("\n").append(one).append("\n").append(other);
  return core::keyed_hash(key_, text);
}

std::vector<ringing_calls::wanted> ringing_calls::wanted_by(std::string_view callee, const caller& by) const {
  const auto share = [](std::size_t n, std::size_t parts) { return std::max<std::size_t>(n / parts, 1); };
  std::vector<wanted> out;
  out.push_back({key_of("callee", callee), limits_.per_callee, verdict::callee_busy});
  if (by.stranger) out.push_back({key_of("strangers", callee), share(limits_.per_callee, 2), verdict::callee_busy});
  for (const auto& name : by.names) {
    out.push_back({key_of("pair", callee, name), share(limits_.per_callee, 4), verdict::callee_busy});
    out.push_back({key_of("caller", name), limits_.per_caller, verdict::caller_busy});
  }
  return out;
}

ringing_calls::verdict ringing_calls::admit(place& p, std::string_view callee, const caller& by) {
  const auto all = wanted_by(callee, by);
  for (const auto& w : all) {
    if (count(w.key) >= w.max) return w.otherwise;
  }
  p.of_ = this;
  for (const auto& w : all) {
    add(w.key);
    p.keys_.push_back(w.key);
  }
  return verdict::admitted;
}

void ringing_calls::place::release() noexcept {
  for (const auto key : keys_) of_->remove(key);
  keys_.clear();
}

std::size_t ringing_calls::count(std::uint64_t key) const {
  if (shared_ != nullptr) return shared_->count(key);
  const auto found = counts_.find(key);
  return found == counts_.end() ? 0 : found->second;
}

void ringing_calls::add(std::uint64_t key) {
  if (shared_ != nullptr) return shared_->add(key);
  ++counts_[key];
}

void ringing_calls::remove(std::uint64_t key) noexcept {
  if (shared_ != nullptr) return shared_->remove(key);
  const auto found = counts_.find(key);
  assert(found != counts_.end() && found->second > 0);
  if (--found->second == 0) counts_.erase(found);
}

}  // namespace phyllo::sip

#include "reload/request_table.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::overlay {
namespace {

// After the last send, in timers: as long as all sends took. A root that has failed is found out, and its place taken, within that time.
constexpr int last_wait = 5;
constexpr core::duration root_retry = std::chrono::milliseconds(100);
constexpr unsigned doublings_max = 8;

}  // namespace

void request_table::add(pending_request r) {
  const auto transaction = r.transaction;
  expect(r);
  requests_.emplace(transaction, std::move(r));
}

pending_request* request_table::find(std::uint64_t transaction, const node_id& signer) {
  const auto [first, last] = requests_.equal_range(transaction);
  if (first == last) return nullptr;
  if (std::next(first) == last) return &first->second;
  const auto at = std::find_if(first, last, [&](const auto& r) { return r.second.target().is_node(signer); });
  return at == last ? nullptr : &at->second;
}

pending_request request_table::take(const pending_request& r) {
  const auto [first, last] = requests_.equal_range(r.transaction);
  const auto at = std::find_if(first, last, [&](const auto& other) { return &other.second == &r; });
  assert(at != last);
  auto out = std::move(at->second);
  requests_.erase(at);
  return out;
}

void request_table::sent(pending_request& r, core::time_point now) {
  ++r.sends;
  const bool last = r.sends >= r.sends_max;
  send_at(r, now + (r.timer > core::duration::zero() ? r.timer : last ? last_wait * timer_ : timer_));
}

void request_table::refused(pending_request& r, core::time_point now) {
  if (r.sends_max == 1) return;  // it is not to be sent again
  if (r.sends > 0) --r.sends;
  const auto wait = root_retry * (1 << std::min(r.refused++, doublings_max));
  send_at(r, std::min(r.next_send, now + std::min<core::duration>(wait, timer_)));
}

void request_table::send_at(pending_request& r, core::time_point when) {
  r.next_send = when;
  expect(r);
}

request_table::work request_table::due(core::time_point now) {
  work out;
  if (now < next_) return out;
  next_ = core::time_point::max();
  for (auto i = requests_.begin(); i != requests_.end();) {
    auto& r = i->second;
    const bool again = now >= r.next_send;
    if (now >= r.deadline || (again && r.sends >= r.sends_max)) {
      out.failed.push_back(std::move(r));
      i = requests_.erase(i);
      continue;
    }
    if (again) {
      out.send.push_back(&r);
    } else {
      expect(r);
    }
    ++i;
  }
  return out;
}

void request_table::hurry(const node_id& hop, core::time_point now) {
  for (auto& [transaction, r] : requests_) {
    if (r.first_hop == hop && r.sends < r.sends_max && !r.link_only) send_at(r, now);
  }
}

void request_table::give_up(const node_id& target, core::time_point now) {
  for (auto& [transaction, r] : requests_) {
    if (!r.link_only || !r.target().is_node(target)) continue;
    r.deadline = std::min(r.deadline, now);
    expect(r);
  }
}

std::vector<pending_request> request_table::take_all() {
  std::vector<pending_request> out;
  for (auto& [transaction, r] : requests_) out.push_back(std::move(r));
  requests_.clear();
  return out;
}

}  // namespace phyllo::overlay

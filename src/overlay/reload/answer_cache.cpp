#include "reload/answer_cache.hpp"

#include <cassert>

namespace phyllo::overlay {

answer_cache::state answer_cache::look(const node_id& signer, std::uint64_t transaction, core::time_point now) {
  expire(now);
  const key k{signer, transaction};
  if (const auto at = entries_.find(k); at != entries_.end()) return at->second.empty() ? state::in_progress : state::answered;
  make_room();  // only now: the one to go may be the very one that is repeated, and would be processed again
  entries_.try_emplace(k);
  order_.emplace_back(now, k);
  return state::fresh;
}

void answer_cache::answered(const node_id& signer, std::uint64_t transaction, const core::bytes& payload) {
  const auto at = entries_.find({signer, transaction});
  if (at == entries_.end()) return;
  bytes_ += payload.size() - at->second.size();
  at->second = payload;
}

const core::bytes& answer_cache::answer(const node_id& signer, std::uint64_t transaction) const {
  return entries_.at({signer, transaction});
}

void answer_cache::expire(core::time_point now) {
  while (!order_.empty() && now - order_.front().first >= lifetime) forget_oldest();  // ends with the young ones
}

void answer_cache::make_room() {
  while (!order_.empty() && (entries_.size() >= entries_max || bytes_ > bytes_max)) forget_oldest();  // each takes one out
}

void answer_cache::forget_oldest() {
  const auto at = entries_.find(order_.front().second);
  assert(at != entries_.end() && bytes_ >= at->second.size());
  bytes_ -= at->second.size();
  entries_.erase(at);
  order_.pop_front();
  assert(entries_.size() == order_.size());
}

}  // namespace phyllo::overlay

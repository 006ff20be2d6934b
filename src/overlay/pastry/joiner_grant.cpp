#include "pastry/joiner_grant.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::overlay {

// Within its window, or in none and not waiting for the next.
bool joiner_grant::may(const node_id& n, core::time_point now) const {
  const auto* h = known_.find(n);
  return h == nullptr || now < h->until || now >= h->until + h->wait;
}

bool joiner_grant::busy_for(const node_id& n, core::time_point now) const {
  if (!may(n, now)) return true;
  if (holder_ && now < until_) return *holder_ != n;
  const auto first = std::ranges::find_if(waiting_, [&](const asker& a) { return now - a.asked < patience && may(a.node, now); });
  return first != waiting_.end() && first->node != n;
}

bool joiner_grant::take(const node_id& n, core::time_point now) {
  if (!may(n, now)) return false;
  if (busy_for(n, now)) {
    queue(n, now);
    return false;
  }
  std::erase_if(waiting_, [&](const asker& a) { return a.node == n || now - a.asked >= patience; });
  begin(n, now);
  return true;
}

void joiner_grant::begin(const node_id& n, core::time_point now) {
  auto [h, fresh] = known_.try_emplace(n);
  if (fresh || now >= h.until) {
    h.until = now + window;
    h.wait = fresh ? window : std::min<core::duration>(2 * h.wait, wait_longest);
  }
  holder_ = n;
  until_ = h.until;
}

void joiner_grant::queue(const node_id& n, core::time_point now) {
  const auto at = std::ranges::find(waiting_, n, &asker::node);
  if (at != waiting_.end()) {
    at->asked = now;
    return;
  }
  std::erase_if(waiting_, [&](const asker& a) { return now - a.asked >= patience; });
  if (waiting_.size() < waiting_max) waiting_.push_back({n, now});
}

bool joiner_grant::release(const node_id& n) {
  std::erase_if(waiting_, [&](const asker& a) { return a.node == n; });
  if (holder_ != n) return false;
  holder_.reset();
  return true;
}

void joiner_grant::settle(const node_id& n) {
  release(n);
  known_.erase(n);
}

std::optional<node_id> joiner_grant::expire(core::time_point now) {
  if (!holder_ || now < until_) return std::nullopt;
  return std::exchange(holder_, std::nullopt);
}

}  // namespace phyllo::overlay

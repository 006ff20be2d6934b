// Of the churn experiment: look-ups, and the oracle that judges them.
#include <fmt/format.h>

#include <algorithm>

#include "churn_run.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;
constexpr core::duration late_after = 1s;  // the end-to-end timer
constexpr std::size_t broken_max = 10;
constexpr std::size_t claimants = 6;  // of the nodes nearest to a key, how many are asked whether they hold themselves for its root

}  // namespace

void churn_run::next_lookup() {
  const auto gap = exponential(1 / (c_.rate * static_cast<double>(std::max<std::size_t>(ring_.active(), 1))));
  ring_.world().at(now() + gap, [this] {
    if (begun_ >= c_.lookups) return;
    ++begun_;
    auto& from = ring_.random_active();
    const auto key = ring_.random_id();
    if (check_) check_claims(key);
    ring_.world().spawn(look_up(from, key));
    next_lookup();
  });
}

core::awaitable<void> churn_run::look_up(sim::node& from, identity::node_id key) {
  open_[key] = {now(), from.index, {}};
  const auto session = hosts_[from.index].session;
  const auto answered = co_await from.peer->ping_root(key, lookup_limit);
  const auto l = open_.extract(key).mapped();
  const bool alive = from.peer && from.active && hosts_[from.index].session == session;
  if (alive || answered) {
    ended(l, key, answered);
  } else {
    ++out_.abandoned;
  }
}

void churn_run::ended(const lookup& l, const identity::node_id& key, const core::result<overlay::ping_outcome>& a) {
  ++out_.lookups;
  if (!a) {
    ++out_.lost;
    if (l.delivered == core::time_point{}) ++out_.undelivered;
    const auto& root = ring_.root(key);
    return broke(fmt::format("lost at {:.3f} s: key {} from {}, {}; its root {} is active for {:.3f} s", at_second(), key.hex(),
                             ring_.at(l.from).id().hex(), l.delivered == core::time_point{} ? "never delivered" : "delivered",
                             root.id().hex(), seconds(now() - root.active_since)));
  }
  ++answered_;
  const auto took = now() - l.began;
  if (took >= late_after) ++out_.late;
  out_.hops += a->hops;
  out_.delay_ms += 1000 * seconds(took);
  const auto* to = ring_.find(a->responder);
  if (to == nullptr || to->index == l.from || l.delivered == core::time_point{}) return;
  const auto direct = ring_.network().distance(l.from, to->index);
  const auto stretch = seconds(l.delivered - l.began) / seconds(direct);
  window_stretch_ += stretch;
  window_answered_ += 1;
}

// Wrong, if a nearer node has been active for a round trip between it and the one that has taken the key.
void churn_run::delivered(sim::node& at, const identity::node_id& key) {
  const auto l = open_.find(key);
  if (l == open_.end() || !at.active) return;
  ++out_.deliveries;
  if (l->second.delivered == core::time_point{}) l->second.delivered = now();
  for (const auto* n : ring_.nearest(key, claimants)) {
    if (n == &at) return;
    if (!ring_.network().reach(n->index, at.index) || now() - n->active_since <= round_trip(*n, at)) continue;
    if (merging()) {
      ++out_.merging_wrong;
      return;
    }
    ++out_.wrong;
    return broke(fmt::format("wrong at {:.3f} s: key {} delivered by {} (active for {:.3f} s), {} is nearer and active for {:.3f} s",
                             at_second(), key.hex(), at.id().hex(), seconds(now() - at.active_since), n->id().hex(),
                             seconds(now() - n->active_since)));
  }
}

// Invariant: of all that reach each other, and are active for a round trip, one at most holds itself for the key's root.
void churn_run::check_claims(const identity::node_id& key) {
  const sim::node* first = nullptr;
  for (const auto* n : ring_.nearest(key, claimants)) {
    if (!n->peer->claims(key)) continue;
    if (first == nullptr) {
      first = n;
      continue;
    }
    const auto since = std::max(n->active_since, first->active_since);
    if (!ring_.network().reach(n->index, first->index) || now() - since <= round_trip(*n, *first)) continue;
    if (merging()) {
      ++out_.merging_roots;
      return;
    }
    return broke(
        fmt::format("two roots at {:.3f} s: {} and {} both take key {}", at_second(), first->id().hex(), n->id().hex(), key.hex()));
  }
}

void churn_run::broke(std::string what) {
  if (out_.broken.size() < broken_max) out_.broken.push_back(std::move(what));
}

}  // namespace phyllo::simulate

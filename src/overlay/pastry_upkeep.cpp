// Of the plug-in: what is done by the clock.
#include <algorithm>

#include "diagnostic_messages.hpp"
#include "pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration silence_grace = 3s;  // To: a heartbeat may be lost and sent again
constexpr core::duration rows_every = 20min;
constexpr core::duration seek_every = 20s;
constexpr core::duration compare_every = 60s;
constexpr core::duration forget_after = 10min;
constexpr core::duration sweep_every = 30s;

}  // namespace

void pastry::tick(core::time_point now) {
  expire_grants(now);
  if (now >= next_sweep_) {
    next_sweep_ = now + sweep_every;
    close_unused();
    forget_old(now);
  }
  if (!ring_.active) return;
  heartbeat(now);
  if (now >= next_compare_) {  // anti-entropy: what a lost message has left different
    next_compare_ = now + core::random_between(env_, compare_every / 2, compare_every * 3 / 2);
    if (!ring_.leafs.empty() && ring_.usable(ring_.leafs.right_neighbour())) probe(ring_.leafs.right_neighbour());
  }
  if (now >= next_rows_) {
    next_rows_ = now + rows_every;
    exchange_rows();
  }
  if (now >= next_seek_) {
    next_seek_ = now + core::random_between(env_, seek_every / 2, seek_every * 3 / 2);
    scope_.spawn(seek_partition());
  }
}

// Most nodes have nothing to do most of the time.
core::time_point pastry::next_upkeep(core::time_point now) const {
  const auto soon = now + 1s;
  if (!ring_.active || grant_.holder() || admission_.holder()) return soon;
  auto next = std::min({next_sweep_, next_compare_, next_rows_, next_seek_});
  if (!ring_.leafs.empty()) {
    if (const auto* left = ring_.find(ring_.leafs.left_neighbour())) next = std::min(next, left->said + options_.heartbeat);
    if (const auto* right = ring_.find(ring_.leafs.right_neighbour()))
      next = std::min(next, right->heard + options_.heartbeat + silence_grace);
  }
  return std::max(next, soon);
}

// "Ping to the left neighbour when nothing else was sent"; so the right neighbour is heard of every Tls.
void pastry::heartbeat(core::time_point now) {
  if (ring_.leafs.empty()) return;
  const auto left = ring_.leafs.left_neighbour();
  const auto right = ring_.leafs.right_neighbour();
  if (ring_.usable(left) && now - ring_.record(left).said >= options_.heartbeat) {
    message_contents m;
    m.code = code::ping_req;
    m.body = print_ping_request();
    messenger_.request({destination::to_node(left)}, std::move(m), now + 5s, {.link_only = true}, {});
  }
  if (ring_.usable(right) && now - ring_.record(right).heard >= options_.heartbeat + silence_grace) suspect(right);
}

void pastry::expire_grants(core::time_point now) {
  admission_.expire(now);
  const auto over = grant_.expire(now);
  if (!over || ring_.record(*over).active) return;
  if (ring_.leafs.erase(*over)) {
    refill();
    members_changed();
  }
}

// Tries one address of those that were lost or given at the start: after a partition both sides are rings of their own.
core::awaitable<void> pastry::seek_partition() {
  std::vector<std::vector<transport::candidate>> places;
  for (const auto& [n, l] : lost_) places.push_back(l.candidates);
  for (const auto& c : bootstrap_) places.push_back({c});
  std::vector<transport::candidate> known = layer_.candidates();
  for (const auto& l : links_.all()) known.push_back({l->kind(), l->remote()});
  for (const auto& [n, r] : ring_.records()) {
    if (r.linked) known.insert(known.end(), r.candidates.begin(), r.candidates.end());
  }
  const auto has_known = [&](const std::vector<transport::candidate>& place) {
    return std::ranges::any_of(place, [&](const auto& c) { return std::ranges::find(known, c) != known.end(); });
  };
  std::erase_if(places, has_known);
  if (places.empty()) co_return;
  const auto& place = places[core::random_u64(env_) % places.size()];
  auto linked = co_await layer_.connect(place, std::nullopt, env_.now() + 5s);
  if (!linked) co_return;
  const auto n = (*linked)->peer().node();
  adopt_link(std::move(*linked), true);
  failed_.erase(n);
  probe(n);
}

void pastry::forget_old(core::time_point now) {
  messenger_.forget_answers(now);
  std::erase_if(lost_, [&](const auto& l) { return now >= l.second.until; });
  std::erase_if(unmet_, [&](const auto& u) { return now >= u.second; });
  std::vector<node_id> old;
  for (const auto& [n, r] : ring_.records()) {
    if (!r.linked && !r.suspect && !ring_.leafs.contains(n) && now - r.heard >= forget_after) old.push_back(n);
  }
  for (const auto& n : old) ring_.forget(n);
}

}  // namespace phyllo::overlay

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

}  // namespace

void pastry::tick(core::time_point now) {
  expire_grants(now);
  close_unused();
  forget_old(now);
  if (!ring_.active) return;
  heartbeat(now);
  if (now >= next_compare_) {  // anti-entropy: what a lost message has left different
    next_compare_ = now + core::random_between(env_, compare_every / 2, compare_every * 3 / 2);
    if (const auto right = ring_.leafs.right(); !right.empty() && ring_.usable(right.front())) probe(right.front());
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

// "Ping to the left neighbour when nothing else was sent"; so the right neighbour is heard of every Tls.
void pastry::heartbeat(core::time_point now) {
  const auto left = ring_.leafs.left();
  if (left.empty()) return;
  const auto right = ring_.leafs.right().front();
  if (ring_.usable(left.front()) && now - ring_.record(left.front()).said >= options_.heartbeat) {
    message_contents m;
    m.code = code::ping_req;
    m.body = print_ping_request();
    messenger_.request({destination::to_node(left.front())}, std::move(m), now + 5s, {.link_only = true}, {});
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

void pastry::exchange_rows() {
  for (const auto& [slot, e] : ring_.table.entries()) {
    if (slot.second % 4 == core::random_u64(env_) % 4) repair_row(e.node);
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
  std::erase_if(lost_, [&](const auto& l) { return now >= l.second.until; });
  std::erase_if(unmet_, [&](const auto& u) { return now >= u.second; });
  std::vector<node_id> old;
  for (const auto& [n, r] : ring_.records()) {
    if (!r.linked && !r.suspect && !ring_.leafs.contains(n) && now - r.heard >= forget_after) old.push_back(n);
  }
  for (const auto& n : old) ring_.forget(n);
}

}  // namespace phyllo::overlay

// Of the plug-in: what is done by the clock.
#include <algorithm>

#include "pastry/pastry.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
using job = upkeep_schedule::job;
constexpr core::duration silence_grace = 3s;  // To: a heartbeat may be lost and sent again
constexpr core::duration rows_every = 20min;
constexpr core::duration first_comparison = 2s;  // of rows after joining; the next is twice as far off each time
constexpr unsigned comparisons_max = 5;
constexpr core::duration seek_every = 20s;
constexpr core::duration seek_parted_every = 2s;  // when a part of the leaf set was lost at once
constexpr core::duration seek_far_every = 10min;  // where this node came from: only after an hour's partition is nothing nearer known
constexpr core::duration compare_every = 2min;
constexpr core::duration table_every = 15s;
constexpr core::duration links_every = 30s;
constexpr core::duration forget_every = 60s;
constexpr core::duration forget_after = 10min;
constexpr core::duration detection = 3s;  // of a failure, once a message is overdue
constexpr unsigned seek_hops_max = 16;

core::time_point jittered(core::environment& env, core::time_point now, core::duration every) {
  return now + core::random_between(env, every / 2, every * 3 / 2);
}

}  // namespace

void pastry::plan_upkeep() {
  const auto now = env_.now();
  upkeep_.looked();
  upkeep_.look_at(now + 1s);
  upkeep_.plan(job::seek, jittered(env_, now, seek_every));
  upkeep_.plan(job::seek_far, jittered(env_, now, seek_far_every));
  upkeep_.plan(job::rows, jittered(env_, now, first_comparison));
  upkeep_.plan(job::compare, jittered(env_, now, compare_every));
  upkeep_.plan(job::table, jittered(env_, now, table_every));
  upkeep_.plan(job::links, jittered(env_, now, links_every));
  upkeep_.plan(job::forget, jittered(env_, now, forget_every));
  failures_.begin(now);
}

void pastry::tick(core::time_point now) {
  expire_grants(now);
  upkeep_.looked();
  watch_clock(now);
  if (upkeep_.due(job::links, now)) {
    upkeep_.plan(job::links, now + links_every);
    close_unused();
  }
  if (upkeep_.due(job::forget, now)) {
    upkeep_.plan(job::forget, now + forget_every);
    forget_old(now);
  }
  if (grant_.holder() || admission_.holder()) upkeep_.look_at(now + 1s);
  if (ring_.active) tend_ring(now);
}

void pastry::tend_ring(core::time_point now) {
  heartbeat(now);
  if (upkeep_.due(job::table, now)) {
    upkeep_.plan(job::table, now + table_every);
    probe_table(now);
    table_.repair_rows();
    ask_edges();
  }
  if (upkeep_.due(job::rows, now)) tend_rows(now);
  if (upkeep_.due(job::seek, now)) {
    upkeep_.plan(job::seek, jittered(env_, now, losses_.parted(now) ? seek_parted_every : seek_every));
    bool given = false;
    if (auto place = place_to_seek(now, given); !place.empty()) scope_.spawn(seek_partition(std::move(place), given));
  }
}

void pastry::tend_rows(core::time_point now) {
  if (comparisons_ == comparisons_max) {
    table_.exchange_rows();
    upkeep_.plan(job::rows, now + rows_every);
    return;
  }
  table_.compare_rows();
  const bool last = ++comparisons_ == comparisons_max;
  upkeep_.plan(job::rows, last ? jittered(env_, now, rows_every) : now + first_comparison * (1 << comparisons_));
}

// The left neighbour is asked when nothing was heard of it for Tls: so it is known to live, and hears of this node. All messages and their
// ACKs count, so both ends have the same view of how long it was. What is asked for is its leaf set: heartbeats compare views besides.
void pastry::heartbeat(core::time_point now) {
  const auto& members = ring_.leafs.members();
  if (members.empty()) return;
  const auto left = members.back();
  const auto right = members.front();
  if (right != watched_) {
    watched_ = right;
    watched_since_ = now;
  }
  if (ring_.usable(left)) {
    const auto due = std::min(ring_.record(left).heard + options_.heartbeat, upkeep_.at(job::compare));
    if (now >= due && !probes_open_.contains(left)) {
      probe(left);
      upkeep_.plan(job::compare, jittered(env_, now, compare_every));
    }
    upkeep_.look_at(now >= due ? now + options_.heartbeat : due);
  }
  if (ring_.usable(right)) {
    const auto due = std::max(ring_.record(right).heard, watched_since_) + options_.heartbeat + silence_grace;
    if (now >= due) suspect(right, suspicion::silent);
    upkeep_.look_at(now >= due ? now + options_.heartbeat : due);
  }
}

// Entries of R that nothing was heard of for Trt. Members of L are watched by their neighbours.
void pastry::probe_table(core::time_point now) {
  const auto watched = ring_.leafs.members().size() + ring_.table.entries().size();
  const probe_tuning tuning{.ring_size = ring_.leafs.ring_size_estimate(),
                            .failure_rate = failures_.rate(now, watched),
                            .digit_bits = options_.digit_bits,
                            .leaf_set_period = options_.heartbeat + silence_grace,
                            .detection = detection};
  const auto period = table_probe_period(tuning);
  for (const auto& [slot, e] : ring_.table.entries()) {
    if (now - ring_.record(e.node).heard < period || ring_.leafs.contains(e.node) || !ring_.usable(e.node)) continue;
    message_contents m;
    m.code = code::ping_req;
    m.body = print_ping_request();
    messenger_.request({destination::to_node(e.node)}, std::move(m), now + 5s, {.link_only = true, .sends_max = 1}, {});
  }
}

// An address of a node that was lost, or, seldom, one of those given at the start: after a partition both sides are rings of their own.
// None of those that are linked.
std::vector<transport::candidate> pastry::place_to_seek(core::time_point now, bool& given) {
  if (upkeep_.due(job::seek_far, now) && !bootstrap_.empty()) {
    upkeep_.plan(job::seek_far, jittered(env_, now, seek_far_every));
    const auto& place = bootstrap_[core::random_u64(env_) % bootstrap_.size()];
    auto known = layer_.candidates();
    for (const auto& l : links_.all()) known.push_back({l->kind(), l->remote()});
    given = std::ranges::find(known, place) == known.end();
    if (given) return {place};
  }
  if (lost_.empty()) return {};
  auto [n, where] = lost_.any(core::random_u64(env_));
  if (links_.to(n) != nullptr) return {};
  return where;
}

void pastry::seek(places place) {
  if (client_) {
    if (!place.empty()) client_->start_from(std::move(place));
    return;
  }
  if (ring_.active && !place.empty()) scope_.spawn(seek_partition(std::move(place), true));
}

core::awaitable<void> pastry::seek_partition(std::vector<transport::candidate> place, bool given) {
  const auto deadline = env_.now() + 5s;
  const auto linked = co_await link_maker_.dial_anybody(std::move(place), deadline);
  if (!linked) co_return;
  const auto n = *linked;
  failed_.erase(n);
  // Those that were lost with it may be back, too: it names them.
  if (losses_.parted(env_.now())) {
    for (const auto& m : lost_.nodes()) failed_.erase(m);
  }
  // By those who were given at the start this node came into the ring: their word counts as it did then.
  if (given) ring_.record(n).admitted = true;
  reconcile(n);
  co_await find_own_place(n);
}

// Asks the ring that `through` belongs to, hop by hop as a joiner does, who is root of this node's place there. In the same ring that is a
// member of L, or this node; in another one it is met, and names its neighbours.
core::awaitable<void> pastry::find_own_place(node_id through) {
  route_query_request q;
  q.target = destination::to_resource(ring_.self());
  q.type = query_type::none;
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  auto at = through;
  for (unsigned hop = 0; hop < seek_hops_max; ++hop) {
    destination_list to{destination::to_node(through)};
    if (at != through) to.push_back(destination::to_node(at));
    const auto deadline = env_.now() + 5s;
    const auto answered = co_await ask(std::move(to), m, deadline);
    if (!answered || answered->contents.code != code::route_query_req + 1) co_return;
    const auto next = route_query_answer::read(answered->contents.body);
    if (!next || next->next_peer == ring_.self() || ring_.leafs.contains(next->next_peer)) co_return;
    if (next->next_peer == at) break;
    at = next->next_peer;
  }
  failed_.erase(at);
  consider(at, through);
}

void pastry::forget_old(core::time_point now) {
  messenger_.forget_answers(now);
  lost_.forget_old(now);
  unmet_.erase_if([&](const auto& u) { return now >= u.second; });
  failed_.erase_if([&](const auto& f) { return now >= f.second; });
  rumours_.forget_old(now);
  std::vector<node_id> old;
  for (const auto& [n, r] : ring_.records()) {
    const bool wanted = r.linked || r.suspect || ring_.leafs.contains(n) || lost_.contains(n);
    if (!wanted && now - r.heard >= forget_after) old.push_back(n);
  }
  for (const auto& n : old) ring_.forget(n);
}

}  // namespace phyllo::overlay

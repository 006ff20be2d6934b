#include "pastry/pastry_seeker.hpp"

#include <algorithm>

#include "pastry/jittered.hpp"
#include "reload/await_answer.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
using job = upkeep_schedule::job;
constexpr core::duration seek_every = 20s;
constexpr core::duration seek_parted_every = 2s;  // when a part of the leaf set was lost at once
constexpr core::duration seek_far_every = 10min;  // where this node came from: only after an hour's partition is nothing nearer known
constexpr core::duration step_timeout = 5s;
constexpr unsigned hops_max = 16;

}  // namespace

void pastry_seeker::plan(core::time_point now) {
  parts_.schedule.plan(job::seek, jittered(parts_.env, now, seek_every));
  parts_.schedule.plan(job::seek_far, jittered(parts_.env, now, seek_far_every));
}

void pastry_seeker::run_due(core::time_point now) {
  if (!parts_.schedule.due(job::seek, now)) return;
  const auto every = parts_.failures.machine().parted(now) ? seek_parted_every : seek_every;
  parts_.schedule.plan(job::seek, jittered(parts_.env, now, every));
  auto g = next_goal(now);
  if (!g.at.empty()) parts_.scope.spawn(look_at(std::move(g.at), g.given));
}

void pastry_seeker::seek(places place) {
  if (parts_.ring.active && !place.empty()) parts_.scope.spawn(look_at(std::move(place), true));
}

// An address of a node that was lost, or, seldom, one of those given at the start: after a partition both sides are rings of their own.
// None of those that are linked.
pastry_seeker::goal pastry_seeker::next_goal(core::time_point now) {
  const auto& bootstrap = parts_.joiner.bootstrap();
  if (parts_.schedule.due(job::seek_far, now) && !bootstrap.empty()) {
    parts_.schedule.plan(job::seek_far, jittered(parts_.env, now, seek_far_every));
    const auto& place = bootstrap[core::random_u64(parts_.env) % bootstrap.size()];
    auto known = parts_.layer.candidates();
    for (const auto& l : parts_.links.all()) known.push_back({l->kind(), l->remote()});
    if (std::ranges::find(known, place) == known.end()) return {.at = {place}, .given = true};
  }
  const auto& lost = parts_.failed.lost();
  if (lost.empty()) return {};
  auto [n, where] = lost.any(core::random_u64(parts_.env));
  if (parts_.links.to(n) != nullptr) return {};
  return {.at = std::move(where)};
}

core::awaitable<void> pastry_seeker::look_at(places place, bool given) {
  const auto deadline = parts_.env.now() + step_timeout;
  const auto linked = co_await parts_.making.dial_anybody(std::move(place), deadline);
  if (!linked) co_return;
  const auto n = *linked;
  parts_.failed.unname(n);
  // Those that were lost with it may be back, too: it names them.
  if (parts_.failures.machine().parted(parts_.env.now())) {
    for (const auto& m : parts_.failed.lost().nodes()) parts_.failed.unname(m);
  }
  // By those who were given at the start this node came into the ring: their word counts as it did then.
  if (given) parts_.ring.record(n).admitted = true;
  parts_.probes.reconcile(n);
  co_await find_own_place(n);
}

// Asks the ring that `through` belongs to, hop by hop as a joiner does, who is root of this node's place there. In the same ring that is a
// member of the leaf set, or this node; in another one it is met, and names its neighbours.
core::awaitable<void> pastry_seeker::find_own_place(node_id through) {
  route_query_request q;
  q.target = destination::to_resource(parts_.ring.self());
  q.type = query_type::none;
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  auto at = through;
  for (unsigned hop = 0; hop < hops_max; ++hop) {
    destination_list to{destination::to_node(through)};
    if (at != through) to.push_back(destination::to_node(at));
    const auto deadline = parts_.env.now() + step_timeout;
    const auto answered = co_await await_answer(parts_.env, parts_.messages.requests(), std::move(to), m, deadline);
    if (!answered || answered->contents.code != code::route_query_req + 1) co_return;
    const auto next = route_query_answer::decode(answered->contents.body);
    if (!next || next->next_peer == parts_.ring.self() || parts_.ring.leafs.contains(next->next_peer)) co_return;
    if (next->next_peer == at) break;
    at = next->next_peer;
  }
  parts_.failed.unname(at);
  parts_.views.on_named(at, through, {}, 0);
}

}  // namespace phyllo::overlay

#include "pastry/pastry_failures.hpp"

#include <algorithm>
#include <cassert>

#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration indirect_timeout = 550ms;
constexpr core::duration through_timeout = 2s;
constexpr core::duration through_every = 30s;  // of one that others name and this node has failed
constexpr core::duration again_timeout = 3s;
constexpr core::duration sought_after = 2s;  // when many are gone at once

}  // namespace

pastry_failures::pastry_failures(const failure_parts& parts, std::size_t leaf_set_size)
    : parts_(parts),
      machine_(parts.ring, parts.failed, leaf_set_size, core::random_hash_key(parts.env), core::random_hash_key(parts.env),
               parts.metrics.evictions("rumours")),
      deaf_(parts.ring),
      repair_(parts.ring, parts.probes) {}

void pastry_failures::on_heard(const node_id& n) {
  auto& r = parts_.ring.record(n);
  r.link.heard = parts_.env.now();
  if (r.doubt.suspect) alive(n);
}

void pastry_failures::on_link_closed(const node_id& n, const core::error& why) {
  parts_.log.debug("link to {} closed: {}", n.hex(), why.message());
  auto& r = parts_.ring.record(n);
  assert(!parts_.links.contains(n));
  r.link.open = false;
  parts_.role->on_link_closed();
  parts_.admission.release(n);
  if (r.active && !r.leaving && parts_.ring.leafs.contains(n)) return suspect(n, suspicion::closed);
  const bool entry = parts_.ring.table.contains(n);
  if (parts_.ring.remove(n)) parts_.membership.changed();
  if (entry && parts_.ring.active) parts_.table.repair_slot(n);
}

void pastry_failures::on_unanswered(const node_id& n) {
  if (deaf_.doubts(n)) parts_.probes.reconcile(n);
}

void pastry_failures::suspect(const node_id& n, suspicion why) {
  if (parts_.own.state() == peer_state::left) return;
  const auto* l = parts_.links.to(n);
  const auto rto = l != nullptr ? l->rto() : core::duration::zero();
  if (!machine_.suspect(n, parts_.env.now(), rto, why)) return;
  parts_.up.on_agenda_changed();
  if (parts_.ring.leafs.contains(n)) parts_.membership.changed();
}

void pastry_failures::alive(const node_id& n) {
  if (machine_.alive(n, parts_.env.now()) && parts_.ring.leafs.contains(n)) parts_.membership.changed();
}

void pastry_failures::hear(const node_id& from, const leaf_set_state& s) {
  for (const auto& n : s.failed) {
    if (machine_.hear(n, from, s, parts_.env.now())) suspect(n, suspicion::told);
  }
}

void pastry_failures::note_answer(const node_id& n, bool answered) {
  switch (deaf_.note(n, answered, parts_.env.now())) {
    case deaf_members::hearing::fine: return;
    case deaf_members::hearing::ask_again: return parts_.probes.reconcile(n);
    case deaf_members::hearing::deaf: break;
  }
  parts_.log.warning("{} acknowledges what it is sent, and answers nothing", n.hex());
  parts_.metrics.drop("deaf_members");
  fail(n, suspicion::silent);
}

void pastry_failures::ask_deaf(const node_id& n) {
  if (deaf_.may_hear(n, parts_.env.now())) parts_.probes.reconcile(n);
}

void pastry_failures::run_due(core::time_point now) {
  for (const auto& [n, what, why] : machine_.due(now)) {
    switch (what) {
      case failure_detector::action::probe: ask_again(n); break;
      case failure_detector::action::probe_indirect: ask_around(n, why); break;
      case failure_detector::action::fail:
        if (machine_.gives_up(n, why, parts_.env.now())) fail(n, why);
        break;
    }
  }
}

// By its link; a link that has broken is dialled anew where the node was found before.
void pastry_failures::ask_again(const node_id& n) {
  if (parts_.links.to(n) != nullptr) return parts_.probes.reconcile(n);  // its link sends again what is open
  auto candidates = parts_.ring.record(n).candidates.all();
  if (!candidates.empty()) parts_.making.start_dial(n, std::move(candidates));
}

// "then Ping by source route through two leaf-set neighbours": an answer means that only our link is broken.
void pastry_failures::ask_around(const node_id& n, suspicion why) {
  for (const auto& via : machine_.ways_around(n, why)) {
    message_contents m;
    m.code = code::ping_req;
    m.body = encode_ping_request();
    auto done = [this, n, via](const core::result<answer>& a) {
      if (a && a->from == n && machine_.suspected(n)) note_around(n, via);
    };
    const auto deadline = parts_.env.now() + indirect_timeout;
    parts_.messages.requests().ask({destination::to_node(via), destination::to_node(n)}, std::move(m), deadline, {.sends_max = 1},
                                   std::move(done));
  }
}

void pastry_failures::note_around(const node_id& n, const node_id& via) {
  if (machine_.answered_around(n, via, parts_.env.now())) parts_.messages.release_held();
  if (parts_.links.to(n) == nullptr) parts_.scope.spawn(link_again(n, via));
}

void pastry_failures::ask_through(const node_id& n, const node_id& via) {
  if (!parts_.ring.active || !parts_.ring.usable(via) || !parts_.admission.vouches(via)) return;
  const auto now = parts_.env.now();
  if (!parts_.failed.take_turn(n, now, now + through_every)) return;
  route_query_request q;
  q.target = destination::to_node(n);
  q.type = query_type::rows;
  q.first_row = q.last_row = 255;  // none: its state is wanted
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  auto done = [this, n, via](const core::result<answer>& a) {
    if (!a || a->from != n || !a->of_peer || a->contents.code != code::route_query_req + 1) return;
    const auto said = route_query_answer::decode(a->contents.body);
    if (said && said->type == query_type::rows && said->state.has(leaf_set_state::flag_active)) take_back(n, via, said->state.incarnation);
  };
  parts_.messages.requests().ask({destination::to_node(via), destination::to_node(n)}, std::move(m), now + through_timeout, {},
                                 std::move(done));
}

// Others have it in their leaf sets, so it belongs into this node's: as a suspect that answers through others.
void pastry_failures::take_back(const node_id& n, const node_id& via, std::uint32_t incarnation) {
  if (parts_.own.state() != peer_state::ready || parts_.links.to(n) != nullptr) return;
  if (!machine_.take_back(n, incarnation, parts_.env.now())) return;
  note_around(n, via);
  parts_.up.on_agenda_changed();
  parts_.membership.changed();
}

core::awaitable<void> pastry_failures::link_again(node_id n, node_id via) {
  const auto deadline = parts_.env.now() + again_timeout;
  const bool linked = co_await parts_.making.attach(n, via, deadline);
  if (linked) parts_.probes.send(n);
}

void pastry_failures::fail(const node_id& n, suspicion why) {
  parts_.log.info("{} has failed", n.hex());
  const auto now = parts_.env.now();
  auto f = machine_.fail(n, why, now);
  for (const auto& l : parts_.links.of(n)) l->close();
  parts_.admission.release(n);
  if (machine_.parted(now)) parts_.upkeep.hasten(upkeep_schedule::job::seek, now + sought_after);
  if (f.entry) parts_.table.repair_slot(n);
  if (f.refills) repair_.refill(now);
  if (f.leaf) close_ranks(f);
  parts_.messages.requests().give_up(n);
  parts_.membership.changed();
}

// Those take its place whom others have named beside it, and those are told who are not yet.
void pastry_failures::close_ranks(peer_failures::failure& f) {
  for (std::size_t i = 0; i < f.heard.names.size(); ++i) parts_.named.on_named(f.heard.names[i], f.heard.named_by, f.heard.places, i);
  if (f.tells) machine_.tell_entrants(f);
  for (const auto& m : f.told) parts_.probes.send(m);
  if (f.told.empty() && f.heard.names.empty()) repair_.ask_edges();
}

}  // namespace phyllo::overlay

// Of the plug-in: suspects, and nodes that are gone (specification of the Pastry plug-in, peer failure).
#include <algorithm>

#include "pastry/pastry.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration indirect_timeout = 550ms;
// As long as a node is named failed: until each neighbour has heard it by two heartbeats.
constexpr core::duration failed_for = 90s;
constexpr core::duration rumour_after = 1s;    // less than it takes anybody to find a node failed
constexpr core::duration around_rto = 500ms;   // of a suspect that answers through others: 4.5 s from one Ping to the next
constexpr core::duration around_for = 8s;      // one of them may be lost
constexpr core::duration agreed_after = 5s;    // then others have failed it, too, or still reach it
constexpr core::duration asked_every = 30s;    // of one that others name and this node has failed
constexpr unsigned unanswered_rounds_max = 2;  // of such Pings one after the other

}  // namespace

void pastry::on_heard(const node_id& n) {
  auto& r = ring_.record(n);
  r.heard = env_.now();
  if (r.suspect) alive(n);
}

void pastry::on_overdue(const node_id& n) { suspect(n, suspicion::overdue); }

void pastry::on_link_closed(const node_id& n, const core::error& why) {
  log_.debug("link to {} closed: {}", n.hex(), why.message());
  auto& r = ring_.record(n);
  r.linked = false;
  if (client_) client_->on_link_closed();
  admission_.release(n);
  grant_.release(n);
  if (r.active && !r.leaving && ring_.leafs.contains(n)) return suspect(n, suspicion::closed);
  const bool entry = ring_.table.contains(n);
  if (ring_.remove(n)) members_changed();
  if (entry && ring_.active) table_.repair_slot(n);
}

void pastry::suspect(const node_id& n, suspicion why) {
  const auto* l = links_.to(n);
  const auto rto = l != nullptr ? l->rto() : core::duration::zero();
  if (n == ring_.self() || state_ == peer_state::left || !detector_.suspect(n, env_.now(), rto, why)) return;
  ring_.record(n).suspect = true;
  up_.on_agenda_changed();
  if (ring_.leafs.contains(n)) members_changed();
}

void pastry::alive(const node_id& n) {
  auto& r = ring_.record(n);
  if (!detector_.alive(n) && !r.suspect) return;
  r.suspect = false;
  r.through.reset();
  rumours_.refute(n, env_.now());
  if (ring_.leafs.contains(n)) members_changed();
}

void pastry::run_detector(core::time_point now) {
  for (const auto& [n, what, why] : detector_.due(now)) {
    switch (what) {
      case failure_detector::action::probe: ask_again(n); break;
      case failure_detector::action::probe_indirect:
        // Others have asked one that they tell of; and a table does without one that it can not reach itself.
        if (why != suspicion::told && ring_.leafs.contains(n)) ask_around(n);
        break;
      case failure_detector::action::fail: give_up(n, why); break;
    }
  }
}

// A member that answers through others has not failed: would this node alone do without it, its view of their replica sets would be
// nobody else's. It stays a suspect. But when others have lost it, it is gone.
void pastry::give_up(const node_id& n, suspicion why) {
  const auto& r = ring_.record(n);
  // By rounds, too: who was held up himself has asked nobody meanwhile.
  const bool answers = r.through && (env_.now() - r.answered_around < around_for || r.unanswered_around < unanswered_rounds_max);
  if (why == suspicion::told || !answers || !ring_.leafs.contains(n)) return fail(n, why);
  detector_.suspect(n, env_.now(), around_rto, why);
}

// Another node has found members of L failed. Each is asked; the names beside it are those that will take its place.
void pastry::hear_of_failures(const node_id& from, const leaf_set_state& s) {
  for (const auto& n : s.failed) {
    if (!ring_.leafs.contains(n) || rumours_.refuted(n, env_.now())) continue;
    if (env_.now() - ring_.record(n).heard < rumour_after) continue;  // who has said something meanwhile lives
    rumours_.hear(n, from, s, leafs_of(from, s));
    suspect(n, suspicion::told);
  }
}

// By its link; a link that has broken is dialled anew where the node was found before.
void pastry::ask_again(const node_id& n) {
  if (links_.to(n) != nullptr) return reconcile(n);  // its link sends again what is open
  auto candidates = ring_.record(n).candidates.all();
  if (!candidates.empty()) link_maker_.start_dial(n, std::move(candidates));
}

// "then Ping by source route through two leaf-set neighbours": an answer means that only our link is broken.
void pastry::ask_around(const node_id& n) {
  ++ring_.record(n).unanswered_around;
  unsigned asked = 0;
  for (const auto& via : ring_.leafs.members()) {
    if (via == n || !ring_.usable(via) || asked == 2) continue;
    ++asked;
    message_contents m;
    m.code = code::ping_req;
    m.body = print_ping_request();
    auto done = [this, n, via](const core::result<answer>& a) {
      if (a && a->from == n && detector_.suspected(n)) note_around(n, via);
    };
    const auto deadline = env_.now() + indirect_timeout;
    messenger_.request({destination::to_node(via), destination::to_node(n)}, std::move(m), deadline, {.sends_max = 1}, std::move(done));
  }
}

void pastry::note_around(const node_id& n, const node_id& via) {
  auto& r = ring_.record(n);
  const bool first = !r.through;
  r.through = via;
  r.answered_around = env_.now();
  r.unanswered_around = 0;
  if (first) messenger_.release_held();
  if (links_.to(n) == nullptr) scope_.spawn(link_again(n, via));
}

// A member names one that this node can not reach, or has failed: what it says of itself comes through the member, signed.
void pastry::ask_through(const node_id& n, const node_id& via) {
  if (!ring_.active || !ring_.usable(via) || !vouches(via)) return;
  auto& until = unmet_.try_emplace(n).first;
  if (env_.now() < until) return;
  until = env_.now() + asked_every;
  route_query_request q;
  q.target = destination::to_node(n);
  q.type = query_type::rows;
  q.first_row = q.last_row = 255;  // none: its state is wanted
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  auto done = [this, n, via](const core::result<answer>& a) {
    if (!a || a->from != n || !a->of_peer || a->contents.code != code::route_query_req + 1) return;
    const auto said = route_query_answer::read(a->contents.body);
    if (said && said->type == query_type::rows && said->state.has(leaf_set_state::flag_active)) take_back(n, via, said->state.incarnation);
  };
  messenger_.request({destination::to_node(via), destination::to_node(n)}, std::move(m), env_.now() + 2s, {}, std::move(done));
}

// Others have it in their leaf sets, so it belongs into this node's: as a suspect that answers through others.
void pastry::take_back(const node_id& n, const node_id& via, std::uint32_t incarnation) {
  if (state_ != peer_state::ready || links_.to(n) != nullptr || !ring_.leafs.would_take(n)) return;
  auto& r = ring_.record(n);
  r.incarnation = incarnation;
  r.peer = r.active = r.admitted = r.suspect = true;
  r.leaving = r.linked = false;
  failed_.erase(n);
  lost_.found(n);
  ring_.leafs.insert(n);
  detector_.suspect(n, env_.now(), around_rto, suspicion::closed);
  note_around(n, via);
  up_.on_agenda_changed();
  members_changed();
}

core::awaitable<void> pastry::link_again(node_id n, node_id via) {
  const auto deadline = env_.now() + 3s;
  const bool linked = co_await link_maker_.attach(n, via, deadline);
  if (linked) probe(n);
}

void pastry::fail(const node_id& n, suspicion why) {
  log_.info("{} has failed", n.hex());
  auto& r = ring_.record(n);
  detector_.alive(n);
  r.suspect = r.active = r.linked = false;
  r.through.reset();
  lost_.note(n, r.candidates.all(), env_.now());
  for (const auto& l : links_.of(n)) l->close();
  admission_.release(n);
  grant_.release(n);
  const bool leaf = ring_.leafs.contains(n);
  const bool entry = ring_.table.contains(n);
  const auto heard = rumours_.take(n);
  if (leaf) losses_.note(ring_.leafs.members().size(), env_.now());
  if (losses_.parted(env_.now())) upkeep_.hasten(upkeep_schedule::job::seek, env_.now() + 2s);
  const bool tells = leaf && tells_of(ring_.leafs, n, why, heard);
  auto told = tells ? concerned(ring_.self(), ring_.leafs, n, options_.leaf_set / 2, heard.informed) : std::vector<node_id>();
  std::erase_if(told, [this](const node_id& m) { return !ring_.usable(m); });
  const auto before = ring_.leafs.members();
  ring_.remove(n);
  // A joiner asks again whom others name: where a whole ring comes back, who was away a moment ago is there now.
  if (ring_.active) failed_.try_emplace(n).first = env_.now() + failed_for;
  if (leaf && ring_.active) unmet_.try_emplace(n).first = env_.now() + agreed_after;
  if (leaf || entry) failures_.note(env_.now());
  if (entry) table_.repair_slot(n);
  if (leaf || (ring_.active && ring_.leafs.would_take(n))) refill();
  if (leaf) {
    for (std::size_t i = 0; i < heard.names.size(); ++i) consider(heard.names[i], heard.named_by, heard.places, i);
    if (tells) add_entrants(told, before, heard.informed);
    for (const auto& m : told) probe(m);
    if (told.empty() && heard.names.empty()) ask_edges();
  }
  messenger_.give_up(n);
  members_changed();
}

// Who has taken a place is named by this node from now on, so that others think it told.
void pastry::add_entrants(std::vector<node_id>& told, const std::vector<node_id>& before, const std::set<node_id>& informed) const {
  for (const auto& m : ring_.leafs.members()) {
    const bool entered = std::ranges::find(before, m) == before.end();
    if (entered && ring_.usable(m) && !informed.contains(m)) told.push_back(m);
  }
}

// The farthest member of a side that has room knows who comes next.
void pastry::ask_edges() {
  for (const auto& n : ring_.leafs.edges_to_fill()) {
    if (ring_.usable(n) && !probes_open_.contains(n)) probe(n);
  }
}

}  // namespace phyllo::overlay

// Of the plug-in: who is taken for a peer, and whom this node takes into its leaf set (specification of the Pastry plug-in, admission).
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration vouched_every = 10s;    // the same neighbours are asked after the same node
constexpr core::duration members_believed = 1h;  // from this node's start on, as long as those who are lost are kept

}  // namespace

// What only peers do. Whoever has not the right is a client, whatever flags it sends.
void pastry::refuse_client(const received_request& r) {
  metrics_.drop("not_a_peer");
  messenger_.respond(r, make_error(error_code::forbidden, "the certificate does not give the right to be a peer"));
}

bool pastry::acts_as_peer(const route_query_request& q) {
  if (q.type == query_type::sync) return true;
  return q.type == query_type::probe && (q.state.has(leaf_set_state::flag_active) || q.state.has(leaf_set_state::flag_asks));
}

// Into the leaf set come those whom this node has granted their place, those who show the grant of a member, those whom an admitted node
// names as its own, and those who stood there before this node started.
void pastry::judge(const node_id& n, const leaf_set_state& s) {
  auto& r = ring_.record(n);
  if (r.admitted) return;
  r.admitted = std::ranges::any_of(s.grants, [&](const signed_grant& g) { return believed(g, {trust_.overlay_hash(), n, s.incarnation}); });
  r.admitted = r.admitted || was_member(n);
  if (r.admitted || !ring_.active || !ring_.leafs.would_take(n)) return;
  metrics_.drop("not_admitted");
  ask_about(n);
}

bool pastry::believed(const signed_grant& g, const grant_terms& t) const {
  if (g.granter == ring_.self()) return g.verify(self_->certificate, t).has_value();
  const auto* l = links_.to(g.granter);
  const auto* r = ring_.find(g.granter);
  if (l == nullptr || r == nullptr || !r->admitted || !ring_.leafs.contains(g.granter)) return false;
  return g.verify(l->peer(), t).has_value();
}

// Two of a ring that was down may both begin it again, and be linked to all the others: nobody knows both, and nobody's grant is believed
// by the other's ring.
bool pastry::was_member(const node_id& n) const {
  return options_.members && env_.now() < started_ + members_believed && std::ranges::find(*options_.members, n) != options_.members->end();
}

bool pastry::vouches(const node_id& n) const {
  const auto* r = ring_.find(n);
  return r != nullptr && r->active && r->admitted;
}

bool pastry::lost_a_side() const { return ring_.leafs.left().empty() || ring_.leafs.right().empty(); }

// Nobody is left there who could name others: it believes the peers that it is linked to, as it did when it joined.
void pastry::begin_again() {
  std::vector<node_id> linked;
  for (const auto& [n, r] : ring_.records()) {
    if (r.usable()) linked.push_back(n);
  }
  for (const auto& n : linked) {
    ring_.record(n).admitted = true;
    ring_.leafs.insert(n);
  }
}

// The members beside which it would stand: they name it, if it stands there.
void pastry::ask_about(const node_id& n) {
  auto& r = ring_.record(n);
  if (env_.now() - r.vouched < vouched_every) return;
  r.vouched = env_.now();
  auto with = ring_.leafs;
  with.insert(n);
  const auto& ring = with.members();  // clockwise from self, which is not among them
  const auto at = std::ranges::find(ring, n);
  if (at == ring.end()) return;
  if (at != ring.begin() && ring_.usable(*std::prev(at))) reconcile(*std::prev(at));
  if (std::next(at) != ring.end() && ring_.usable(*std::next(at))) reconcile(*std::next(at));
}

// A neighbour of this active node does not hold it for one: so it is where two rings meet, after a partition. It is asked for a grant, as
// by a joiner.
void pastry::seek_grant(const node_id& n, const leaf_set_state& s) {
  if (!ring_.active || !ring_.leafs.has_neighbour(n) || !s.has(leaf_set_state::flag_active)) return;
  const auto names_self = [this](const std::vector<node_id>& side) { return std::ranges::find(side, ring_.self()) != side.end(); };
  if (names_self(s.left) || names_self(s.right)) return;
  auto& r = ring_.record(n);
  if (env_.now() - r.vouched < vouched_every) return;
  r.vouched = env_.now();
  probe(n, leaf_set_state::flag_asks);
}

void pastry::keep_grants(const node_id& from, const std::vector<signed_grant>& granted) {
  for (const auto& g : granted) {
    if (g.granter != from) continue;
    std::erase_if(grants_, [&](const signed_grant& kept) { return kept.granter == from; });
    if (grants_.size() == grants_max) grants_.erase(grants_.begin());
    grants_.push_back(g);
  }
}

// "a neighbour grants one joiner at a time": from then on it names the joiner in its leaf set, and nobody else can come between them.
std::vector<signed_grant> pastry::grant(const node_id& joiner, const leaf_set_state& s) {
  const bool active = s.has(leaf_set_state::flag_active);
  if (!active && s.has(leaf_set_state::flag_leaving)) {
    admission_.release(joiner);
    grant_.release(joiner);
    return {};
  }
  if (!s.has(leaf_set_state::flag_asks) || !ring_.active) return {};
  expire_grants(env_.now());
  auto with = ring_.leafs;
  with.insert(joiner);
  const bool beside = with.left().front() == joiner || with.right().front() == joiner;
  if (!beside || !grant_.take(joiner, env_.now())) return {};
  auto& r = ring_.record(joiner);
  r.admitted = true;
  if (!active) ring_.leafs.insert(joiner);
  return {signed_grant::make(*self_, {trust_.overlay_hash(), joiner, s.incarnation})};
}

// `n` is active. Who only says so is remembered as one that did not become it.
void pastry::end_grants(const node_id& n, bool admitted) {
  for (auto* g : {&admission_, &grant_}) {
    if (admitted) {
      g->settle(n);
    } else {
      g->release(n);
    }
  }
}

// Its time is over, and it is not active: it has no place here any more.
void pastry::expire_grants(core::time_point now) {
  admission_.expire(now);
  const auto over = grant_.expire(now);
  if (!over || ring_.record(*over).active) return;
  ring_.record(*over).admitted = false;
  if (ring_.leafs.erase(*over)) {
    refill();
    members_changed();
  }
}

}  // namespace phyllo::overlay

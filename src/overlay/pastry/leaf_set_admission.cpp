#include "pastry/leaf_set_admission.hpp"

#include <algorithm>
#include <iterator>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration vouched_every = 10s;    // the same neighbours are asked after the same node
constexpr core::duration members_believed = 1h;  // from this node's start on, as long as those who are lost are kept

}  // namespace

// Into the leaf set come those whom this node has granted their place, those who show the grant of a member, those whom an admitted node
// names as its own, and those who stood there before this node started.
bool leaf_set_admission::judge(const node_id& n, const leaf_set_state& s, core::time_point now) {
  auto& r = ring_.record(n);
  if (r.admitted) return true;
  r.admitted = std::ranges::any_of(s.grants, [&](const signed_grant& g) { return believed(g, {trust_.overlay_hash(), n, s.incarnation}); });
  r.admitted = r.admitted || was_member(n, now);
  return r.admitted || !ring_.active || !ring_.leafs.would_take(n);
}

bool leaf_set_admission::believed(const signed_grant& g, const grant_terms& t) const {
  if (g.granter == ring_.self()) return g.verify(self_->certificate, t).has_value();
  const auto* l = links_.to(g.granter);
  if (l == nullptr || !ring_.leafs.contains(g.granter)) return false;
  const auto* r = ring_.find(g.granter);
  return r != nullptr && r->admitted && g.verify(l->peer(), t).has_value();
}

// Two of a ring that was down may both begin it again, and be linked to all the others: nobody knows both, and nobody's grant is believed
// by the other's ring.
bool leaf_set_admission::was_member(const node_id& n, core::time_point now) const {
  return members_ && now < started_ + members_believed && std::ranges::find(*members_, n) != members_->end();
}

std::vector<node_id> leaf_set_admission::witnesses(const node_id& n, core::time_point now) {
  auto& r = ring_.record(n);
  if (now - r.vouched < vouched_every) return {};
  r.vouched = now;
  auto with = ring_.leafs;
  with.insert(n);
  const auto& ring = with.members();  // clockwise from self, which is not among them
  const auto at = std::ranges::find(ring, n);
  if (at == ring.end()) return {};
  std::vector<node_id> out;
  if (at != ring.begin() && ring_.usable(*std::prev(at))) out.push_back(*std::prev(at));
  if (std::next(at) != ring.end() && ring_.usable(*std::next(at))) out.push_back(*std::next(at));
  return out;
}

bool leaf_set_admission::vouches(const node_id& n) const {
  const auto* r = ring_.find(n);
  return r != nullptr && r->active && r->admitted;
}

bool leaf_set_admission::lacks_grant_of(const node_id& n, const leaf_set_state& s, core::time_point now) {
  if (!ring_.active || !ring_.leafs.has_neighbour(n) || !s.has(leaf_set_state::flag_active)) return false;
  const auto names_self = [this](const std::vector<node_id>& side) { return std::ranges::find(side, ring_.self()) != side.end(); };
  if (names_self(s.left) || names_self(s.right)) return false;
  auto& r = ring_.record(n);
  if (now - r.vouched < vouched_every) return false;
  r.vouched = now;
  return true;
}

// "a neighbour grants one joiner at a time": from then on it names the joiner in its leaf set, and nobody else can come between them.
std::vector<signed_grant> leaf_set_admission::grant(const node_id& joiner, const leaf_set_state& s, core::time_point now) {
  auto with = ring_.leafs;
  with.insert(joiner);
  const bool beside = with.left().front() == joiner || with.right().front() == joiner;
  if (!beside || !as_neighbour_.take(joiner, now)) return {};
  ring_.record(joiner).admitted = true;
  if (!s.has(leaf_set_state::flag_active)) ring_.leafs.insert(joiner);
  return {signed_grant::make(*self_, {trust_.overlay_hash(), joiner, s.incarnation})};
}

void leaf_set_admission::release(const node_id& n) {
  as_root_.release(n);
  as_neighbour_.release(n);
}

void leaf_set_admission::end(const node_id& n, bool admitted) {
  if (!admitted) return release(n);
  as_root_.settle(n);
  as_neighbour_.settle(n);
}

// Whose time is over, and who is not active, has no place here any more.
bool leaf_set_admission::expire(core::time_point now) {
  as_root_.expire(now);
  const auto over = as_neighbour_.expire(now);
  if (!over || ring_.record(*over).active) return false;
  ring_.record(*over).admitted = false;
  return ring_.leafs.erase(*over);
}

}  // namespace phyllo::overlay

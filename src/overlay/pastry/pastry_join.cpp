#include "pastry/pastry_join.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

// Where `n` is, by the words of one that knows it.
places told_of(const route_query_answer& a, const node_id& n) {
  for (const auto& row : a.rows) {
    const auto at = std::ranges::find(row.entries, n);
    if (at != row.entries.end()) return row.named.of(static_cast<std::size_t>(at - row.entries.begin()));
  }
  auto leafs = a.state.left;
  leafs.insert(leafs.end(), a.state.right.begin(), a.state.right.end());
  return a.state.named.of(static_cast<std::size_t>(std::ranges::find(leafs, n) - leafs.begin()));  // none of those beyond the end
}

pastry_join::action give_up(errc code, std::string why) { return {.why = core::error(code, std::move(why))}; }

}  // namespace

pastry_join::action pastry_join::begin() {
  states_.clear();
  hops_ = 0;
  return {.what = task::discover};
}

pastry_join::action pastry_join::discovered(const node_id& first, core::time_point now) {
  first_ = first;
  return ask_rows(first, {}, now);
}

// ROWS: node after node on the way to this node's own place is asked, collecting rows; the last one is the root.
pastry_join::action pastry_join::ask_rows(const node_id& at, places where, core::time_point now) {
  at_ = at;
  where_ = std::move(where);
  by_link_ = false;
  asked_at_ = now;
  return {.what = task::ask_rows, .node = at_};
}

// `first_` may have lost its way to `at_`, or takes another process with this node's key for this one and answers that: by a link only who
// has asked is answered.
pastry_join::action pastry_join::rows_missed(const core::error& why, bool joining) {
  if (by_link_ || at_ == first_ || where_.empty() || !joining) return {.why = why};
  by_link_ = true;
  missed_ = why;
  return {.what = task::link_for_rows, .node = at_, .where = where_};
}

pastry_join::action pastry_join::linked_for_rows(bool linked, bool joining) {
  if (!linked || !joining) return {.why = missed_};
  return {.what = task::ask_by_link, .node = at_};
}

pastry_join::action pastry_join::told_rows(const route_query_answer* a, const moment& m) {
  if (a == nullptr) return give_up(errc::refused, "no rows from " + at_.hex());
  if (!a->state.has(leaf_set_state::flag_active)) return {};
  if (a->next_peer != at_) {
    if (++hops_ == hops_max) return give_up(errc::unreachable, "the way to this node's place does not end");
    return ask_rows(a->next_peer, told_of(*a, a->next_peer), m.now);
  }
  if (!m.joining) return give_up(errc::refused, "it has formed the ring itself");
  return {.what = task::attach, .node = at_};
}

pastry_join::action pastry_join::attached(const node_id& root) {
  at_ = root;
  refused_ = 0;
  for_ = wait::admission;
  return {.what = task::ask_admission, .node = at_};
}

pastry_join::action pastry_join::refused() {
  ++refused_;
  return {.what = task::pause};
}

pastry_join::action pastry_join::paused(const moment& m) {
  if (for_ == wait::grant) return ask_grant(asking_, m);
  if (refused_ == refusals_max) return give_up(errc::refused, "others are joining at " + at_.hex());
  return {.what = task::ask_admission, .node = at_};
}

// PROBE: until every leaf has answered and both neighbours name this node. Grants are asked for in the order of
// Node-IDs, so that two joiners never wait for each other.
pastry_join::action pastry_join::admitted(core::time_point deadline, const moment& m) {
  until_ = std::min(deadline, m.now + settle_max);
  return probe(m);
}

pastry_join::action pastry_join::probe(const moment& m) {
  if (m.now >= until_ || !m.joining) return give_up(errc::timed_out, "no place between neighbours");
  for_ = wait::probes;
  return {.what = task::await_answers};
}

pastry_join::action pastry_join::answered(bool all, const moment& m) {
  switch (for_) {
    case wait::admission: break;
    case wait::probes: return find_sides();
    case wait::grant: return judge_grant(m);
    case wait::named:
      if (granted_ && all && !ring_.leafs.empty() && sides() == two_) return {.what = task::activate};
      break;
  }
  return probe(m);
}

// Asked for in the order of Node-IDs, also when this node learns only now who its neighbours are: what it holds of larger ones goes back
// first. Two joiners, each with the grant that the other one waits for, would keep all others waiting, too.
pastry_join::action pastry_join::find_sides() {
  if (ring_.leafs.empty()) return give_up(errc::refused, "no active neighbour is left");
  two_ = sides();
  const auto kept = granted_by_.upper_bound(two_.first);
  action a{.what = task::give_back};
  a.nodes.assign(kept, granted_by_.end());
  granted_by_.erase(kept, granted_by_.end());
  return a;
}

pastry_join::action pastry_join::gave_back(const moment& m) { return ask_grant(two_.first, m); }

pastry_join::action pastry_join::ask_grant(const node_id& of, const moment& m) {
  asking_ = of;
  if (m.now >= until_ || !m.joining) return granted(false, m);
  granted_by_.insert(asking_);
  forget(asking_);
  for_ = wait::grant;
  return {.what = task::ask_grant, .node = asking_};
}

// Busy: again in 0.5 to 1.5 s. Else, if it does not name this node, it is gone, or somebody stands between it and this node.
pastry_join::action pastry_join::judge_grant(const moment& m) {
  const auto said = std::ranges::find(states_, asking_, &probed_node::first);
  if (said == states_.end() || !said->second.has(leaf_set_state::flag_active)) return granted(false, m);
  const auto& s = said->second;
  const bool beside = (!s.left.empty() && s.left.front() == ring_.self()) || (!s.right.empty() && s.right.front() == ring_.self());
  if (beside) return granted(true, m);
  if (!ring_.leafs.has_neighbour(asking_) || !s.has(leaf_set_state::flag_busy)) return granted(false, m);
  return {.what = task::pause};
}

pastry_join::action pastry_join::granted(bool by_it, const moment& m) {
  if (by_it && asking_ != two_.second) return ask_grant(two_.second, m);
  granted_ = by_it;
  for_ = wait::named;
  return {.what = task::await_answers};
}

// The smaller Node-ID first. The leaf set is not empty.
std::pair<node_id, node_id> pastry_join::sides() const {
  return std::minmax({ring_.leafs.left_neighbour(), ring_.leafs.right_neighbour()});
}

void pastry_join::probed(const node_id& n, const leaf_set_state& s) {
  forget(n);
  states_.emplace_back(n, s);
}

void pastry_join::forget(const node_id& n) {
  std::erase_if(states_, [&](const probed_node& p) { return p.first == n; });
}

bool pastry_join::all_answered(const std::map<node_id, unsigned>& open) const {
  return std::ranges::all_of(open,
                             [this](const auto& o) { return std::ranges::find(states_, o.first, &probed_node::first) != states_.end(); });
}

}  // namespace phyllo::overlay

#include "support/chord_ring.hpp"

#include <algorithm>

namespace phyllo::testing {

namespace {

// What stands on the wire is what is read.
template <class T>
T sent(const T& value) {
  return T::decode(value.encode()).value();
}

constexpr const char* action_names[] = {"find_bootstrap", "attach", "tell",  "ask_join",   "answer_join", "hand_over",      "copy",
                                        "ping",           "seek",   "leave", "close_link", "activated",   "members_changed"};

}  // namespace

chord_ring::node* chord_ring::find(const node_id& n) const {
  const auto at = nodes.find(n);
  return at == nodes.end() ? nullptr : at->second.get();
}

identity::node_id chord_ring::random_id() {
  node_id n;
  for (auto& b : n.octets) b = static_cast<std::uint8_t>(random_());
  return n;
}

core::duration chord_ring::latency(const node_id& a, const node_id& b) {
  return 10ms + std::chrono::milliseconds((a.octets[15] ^ b.octets[15]) % 40);
}

template <class F>
void chord_ring::tell(const node_id& n, F event) {
  auto* at = find(n);
  if (at == nullptr) return;
  const overlay::chord::actions wanted = event(at->machine);
  for (const auto& a : wanted) {
    ++counts[action_names[a.index()]];
    std::visit([&](const auto& what) { act(n, what); }, a);
  }
  plan_tick(n);
}

void chord_ring::plan_tick(const node_id& n) {
  auto* at = find(n);
  if (at == nullptr) return;
  const auto due = at->machine.next_due();
  if (due == core::time_point::max() || (at->tick_planned <= due && at->tick_planned > now)) return;
  at->tick_planned = std::max(due, now + 1ms);
  later(at->tick_planned - now, [this, n, planned = at->tick_planned] {
    auto* still = find(n);
    if (still == nullptr || still->tick_planned != planned) return;
    tell(n, [&](overlay::chord& c) { return c.tick(now); });
  });
}

identity::node_id chord_ring::add(unsigned side) {
  const auto n = random_id();
  options.random = {random_(), random_()};
  nodes.emplace(n, std::make_unique<node>(n, options, now));
  at(n).side = side;
  const bool first = sides_.insert(side).second;
  tell(n, [&](overlay::chord& c) { return first ? c.form(now) : c.join(now); });
  return n;
}

void chord_ring::kill(const node_id& n) {
  const auto dead = std::move(nodes.at(n));
  nodes.erase(n);
  for (const auto& peer : dead->links) disconnect(peer, n, death_noticed);
}

void chord_ring::leave(const node_id& n) {
  tell(n, [&](overlay::chord& c) { return c.leave(now); });
  const auto gone = std::move(nodes.at(n));
  nodes.erase(n);
  for (const auto& peer : gone->links) disconnect(peer, n, latency(n, peer));
}

void chord_ring::run_for(core::duration span) {
  const auto end = now + span;
  while (!queue_.empty() && queue_.begin()->first <= end) {  // ends: every tick is at least a millisecond after the one before
    auto next = queue_.extract(queue_.begin());
    now = next.key();
    next.mapped()();
  }
  now = end;
}

std::optional<core::duration> chord_ring::settle(core::duration limit) {
  const auto began = now;
  while (!lists_right()) {
    if (now - began >= limit) return std::nullopt;
    run_for(100ms);
  }
  return now - began;
}

void chord_ring::carry(const node_id& here, message m) {
  auto* n = find(here);
  const auto fail = [this, &m] { later(request_timeout, [done = m.done] { done(std::nullopt); }); };
  if (n == nullptr || ++m.hops > hops_max) return fail();
  if (m.via == here) m.via.reset();
  const auto d = n->machine.routing().decide(m.via ? overlay::destination::to_node(*m.via) : m.to, false);
  if (d.what == overlay::verdict::deliver) return later(latency(here, m.from), [done = m.done, here] { done(here); });
  if (d.what != overlay::verdict::forward || !n->links.contains(d.next)) return fail();
  later(latency(here, d.next), [this, next = d.next, m] { carry(next, m); });
}

void chord_ring::connect(const node_id& a, const node_id& b, bool update_wanted) {
  if (find(a) == nullptr || find(b) == nullptr) return;
  const bool fresh = at(a).links.insert(b).second;
  at(b).links.insert(a);
  if (fresh || update_wanted) tell(b, [&](overlay::chord& c) { return c.link_opened(a, update_wanted, now); });
  if (fresh) tell(a, [&](overlay::chord& c) { return c.link_opened(b, false, now); });
}

void chord_ring::disconnect(const node_id& a, const node_id& b, core::duration after) {
  later(after, [this, a, b] {
    if (auto* n = find(a); n != nullptr && n->links.erase(b) > 0) tell(a, [&](overlay::chord& c) { return c.link_closed(b, now); });
  });
}

std::optional<identity::node_id> chord_ring::bootstrap(const node_id& n) {
  std::vector<node_id> found;
  for (const auto& [id, other] : nodes) {
    if (id != n && other->side == at(n).side && other->machine.routing().active()) found.push_back(id);
  }
  if (found.empty()) return std::nullopt;
  return found[random_() % found.size()];
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::find_bootstrap&) {
  if (const auto b = bootstrap(n)) later(latency(n, *b), [this, n, b] { connect(n, *b, false); });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::attach& a) {
  carry(n, {n, a.to, a.via, [this, n, to = a.to](std::optional<node_id> by) {
              if (by && *by != n) connect(n, *by, true);
              tell(n, [&](overlay::chord& c) { return c.attached(to, by, now); });
            }});
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::tell& a) {
  for (const auto& to : a.to) {
    later(latency(n, to), [this, n, to, u = sent(a.update)] {
      auto* there = find(to);
      if (there != nullptr && there->links.contains(n)) tell(to, [&](overlay::chord& c) { return c.updated(n, u, now); });
    });
  }
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::ask_join& a) {
  later(latency(n, a.at), [this, n, to = a.at] { tell(to, [&](overlay::chord& c) { return c.join_asked(n, now); }); });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::answer_join& a) {
  later(latency(n, a.to), [this, n, a] { tell(a.to, [&](overlay::chord& c) { return c.join_answered(n, a.accepted, now); }); });
}

void chord_ring::move_keys(const node_id& from, const node_id& to, const overlay::key_range& keys) {
  auto* there = find(to);
  auto* here = find(from);
  if (there == nullptr || here == nullptr) return;
  std::ranges::copy_if(here->keys, std::inserter(there->keys, there->keys.end()), [&](const node_id& k) { return keys.contains(k); });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::hand_over& a) {
  later(2 * latency(n, a.to), [this, n, a] {
    move_keys(n, a.to, a.keys);
    tell(n, [&](overlay::chord& c) { return c.handed_over(a.to, now); });
  });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::copy& a) {
  later(latency(n, a.to), [this, n, a] { move_keys(n, a.to, a.keys); });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::ping& a) {
  carry(n, {n, overlay::destination::to_resource(a.key), std::nullopt, [this, n](std::optional<node_id> by) {
              if (by) tell(n, [&](overlay::chord& c) { return c.ping_answered(*by, now); });
            }});
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::seek&) {
  const auto b = bootstrap(n);
  if (!b) return;
  later(latency(n, *b), [this, n, via = *b] {
    connect(n, via, false);
    carry(via, {n, overlay::destination::to_resource(n), std::nullopt, [this, n, via](std::optional<node_id> by) {
                  if (by) tell(n, [&](overlay::chord& c) { return c.sought(via, *by, now); });
                }});
  });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::say_leave& a) {
  later(latency(n, a.to) / 2, [this, to = a.to, l = sent(overlay::chord_leave_request{n, a.type, a.nodes})] {
    tell(to, [&](overlay::chord& c) { return c.left(l, now); });
  });
}

void chord_ring::act(const node_id& n, const overlay::chord_actions::close_link& a) {
  disconnect(n, a.node, 0ms);
  disconnect(a.node, n, latency(n, a.node));
}

std::vector<identity::node_id> chord_ring::living() const {
  std::vector<node_id> out;
  for (const auto& [id, n] : nodes) out.push_back(id);
  return out;
}

std::vector<identity::node_id> chord_ring::some(std::size_t count) {
  auto all = living();
  std::ranges::shuffle(all, random_);
  all.resize(std::min(count, all.size()));
  return all;
}

std::size_t chord_ring::active() const {
  return static_cast<std::size_t>(std::ranges::count_if(nodes, [](const auto& n) { return n.second->machine.routing().active(); }));
}

std::size_t chord_ring::links() const {
  std::size_t sum = 0;
  for (const auto& [id, n] : nodes) sum += n->links.size();
  return sum / 2;
}

identity::node_id chord_ring::responsible(const node_id& key) const {
  const auto at = nodes.lower_bound(key);
  return at == nodes.end() ? nodes.begin()->first : at->first;
}

bool chord_ring::lists_right() const {
  const auto all = living();
  const auto count = std::min(options.neighbours_each, all.size() - 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& r = nodes.at(all[i])->machine.routing();
    if (!r.active() || r.neighbours().successors().size() != count || r.neighbours().predecessors().size() != count) return false;
    for (std::size_t k = 1; k <= count; ++k) {
      if (r.neighbours().successors()[k - 1] != all[(i + k) % all.size()]) return false;
      if (r.neighbours().predecessors()[k - 1] != all[(i + all.size() - k) % all.size()]) return false;
    }
  }
  return true;
}

std::pair<std::size_t, std::size_t> chord_ring::fingers_missing() const {
  std::size_t there = 0;
  std::size_t missing = 0;
  for (const auto& [id, n] : nodes) {
    std::set<unsigned> ranges;
    for (const auto& [other, ignored] : nodes) {
      if (other != id) ranges.insert(n->machine.routing().fingers().index_of(other));
    }
    there += ranges.size();
    for (const auto i : ranges) missing += n->machine.routing().fingers().at(i).has_value() ? 0 : 1;
  }
  return {there, missing};
}

chord_ring::journey chord_ring::walk(const node_id& from, const node_id& key) const {
  auto here = from;
  for (unsigned hops = 0; hops <= hops_max; ++hops) {
    const auto* n = find(here);
    if (n == nullptr) return {};
    const auto d = n->machine.routing().decide(overlay::destination::to_resource(key), false);
    if (d.what == overlay::verdict::deliver) return {here, hops};
    if (d.what != overlay::verdict::forward) return {};
    here = d.next;
  }
  return {};
}

void chord_ring::store(const node_id& key) {
  auto& n = at(responsible(key));
  n.keys.insert(key);
  for (const auto& r : n.machine.routing().neighbours().replica_set()) at(r).keys.insert(key);
}

bool chord_ring::stored_right(const node_id& key) const {
  const auto* n = find(responsible(key));
  const auto has = [&](const node_id& r) { return find(r) != nullptr && find(r)->keys.contains(key); };
  return n->keys.contains(key) && std::ranges::all_of(n->machine.routing().neighbours().replica_set(), has);
}

}  // namespace phyllo::testing

// Of the plug-in: how the routing table comes by near nodes (Rowstron & Druschel 2001, s.2.4 and s.2.5). On joining, rows of each node on
// the way; then, of each row, what the nearest nodes in it have there themselves, a few times at growing intervals; and of a random one
// every 20 minutes.
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration link_timeout = 4s;
constexpr core::duration rows_timeout = 5s;
constexpr unsigned fillers_max = 8;               // links that are made at once
constexpr std::size_t mates_asked = 2;            // of each row
constexpr std::size_t mates_asked_of_choice = 4;  // with replica_choice: near nodes are of more use

}  // namespace

std::vector<table_row> pastry::my_rows(unsigned first, unsigned last) const {
  auto rows = ring_.table.rows(first, last);
  for (auto& row : rows) {
    for (const auto& n : row.entries) row.named.add(ring_.heard_places(n));
  }
  return rows;
}

// `away`: how far the node that told is. Zero: unknown.
void pastry::consider_rows(const node_id& from, core::duration away, const std::vector<table_row>& rows) {
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.entries.size(); ++i) {
      const auto& n = row.entries[i];
      if (n == ring_.self() || failed_.contains(n) || lost_.contains(n)) continue;
      const auto estimate = estimate_rtt(away, std::chrono::microseconds(row.rtts[i]));
      if (ring_.table.would_take(n, estimate)) candidates_.offer({n, from, ring_.table.slot_of(n), estimate, row.named.of(i)});
    }
  }
  fill_table();
}

void pastry::fill_table() {
  if (!ring_.active) return;
  // Ends: what is spawned takes one out at least, at once or later.
  while (filling_ < fillers_max && filling_ < candidates_.size() && candidates_.ready()) {
    ++filling_;
    scope_.spawn(take_candidates());
  }
}

core::awaitable<void> pastry::take_candidates() {
  while (const auto c = candidates_.take()) {  // ends with those that may be tried now
    const auto& n = c->node;
    const bool wanted = worth_a_link(*c);
    bool linked = false;
    if (wanted) {
      entries_tried_.add();
      const auto deadline = env_.now() + link_timeout;
      linked = co_await link_maker_.ensure(n, c->named_by, c->at, deadline);
    }
    if (linked) {
      probe(n);  // tells it of this node, too; with its answer it is in the table, and the next of its slot may be tried
    } else {
      candidates_.tried(n);
    }
  }
  --filling_;
  compare_once_filled();
}

bool pastry::worth_a_link(const table_candidate& c) {
  const auto& n = c.node;
  if (!ring_.table.would_take(n, c.estimate) || failed_.contains(n) || meeting_.contains(n) || probes_open_.contains(n)) return false;
  if (const auto* r = ring_.find(n); r != nullptr && (r->leaving || r->suspect)) return false;
  if (!ring_.usable(n)) return true;
  ring_.enter(n);
  return false;
}

void pastry::candidate_tried(const node_id& n) {
  candidates_.tried(n);
  fill_table();
  compare_once_filled();
}

void pastry::compare_once_filled() {
  if (ring_.active && filling_ == 0 && candidates_.done() && !std::exchange(compared_, true)) compare_rows();
}

// "It requests the state from each of the nodes in its routing table and neighborhood set ... and updates its own state
// with nodes that are nearer", and tells them its own; of each row, the nearest nodes are those worth asking, and again when others have
// come into it: nearer ones know nearer ones.
void pastry::compare_rows() {
  const auto mates = options_.replica_choice > 0 ? mates_asked_of_choice : mates_asked;
  for (unsigned r = 0; r < ring_.table.rows_used(); ++r) {
    if (!ring_.table.take_changed(r)) continue;
    const auto mine = my_rows(r, r);
    for (const auto& mate : ring_.table.nearest_of(r, mates)) {
      if (mine.front().entries.size() > 1) tell_rows(mate, mine);
      ask_row(mate, r);
    }
  }
}

void pastry::tell_rows(const node_id& mate, const std::vector<table_row>& rows) {
  update_request u;
  u.type = update_type::rows;
  u.rows = rows;
  message_contents m;
  m.code = code::update_req;
  m.body = u.print();
  messenger_.request({destination::to_node(mate)}, std::move(m), env_.now() + rows_timeout, {.link_only = true}, {});
}

void pastry::ask_row(const node_id& mate, unsigned row) {
  rows_asked_.add();
  route_query_request q;
  q.target = destination::to_node(mate);
  q.type = query_type::rows;
  q.first_row = q.last_row = static_cast<std::uint8_t>(row);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.print();
  auto done = [this, mate](const core::result<answer>& a) {
    if (!a || a->contents.code != code::route_query_req + 1) return;
    if (const auto rows = route_query_answer::read(a->contents.body)) consider_rows(mate, distance_to(mate), rows->rows);
  };
  messenger_.request({destination::to_node(mate)}, std::move(m), env_.now() + rows_timeout, {}, std::move(done));
}

core::duration pastry::distance_to(const node_id& n) const {
  const auto* l = links_.to(n);
  return l != nullptr ? l->rtt() : core::duration::zero();
}

// A node that is linked takes the place, if one fits: many are, since they have this one in their tables. Else a row mate is asked, after a
// while: messages find other ways meanwhile, and who has lost one entry of a row has often lost another.
void pastry::repair_slot(const node_id& lost) {
  const auto slot = ring_.table.slot_of(lost);
  for (const auto& [n, r] : ring_.records()) {
    if (r.usable() && ring_.table.slot_of(n) == slot) ring_.table.insert(n, r.rtt);
  }
  if (ring_.table.at(slot.first, slot.second) == nullptr) empty_slots_.insert(slot);
}

void pastry::repair_rows() {
  std::set<unsigned> rows;
  for (const auto& [row, column] : std::exchange(empty_slots_, {})) {
    if (ring_.table.at(row, column) == nullptr) rows.insert(row);
  }
  std::ranges::for_each(rows, [this](unsigned r) { ask_somebody(r); });
}

void pastry::ask_somebody(unsigned row) {
  const auto mates = ring_.table.row(row);
  if (!mates.empty()) ask_row(mates[core::random_u64(env_) % mates.size()], row);
}

void pastry::exchange_rows() {
  for (unsigned r = 0; r < ring_.table.rows_used(); ++r) ask_somebody(r);
}

}  // namespace phyllo::overlay

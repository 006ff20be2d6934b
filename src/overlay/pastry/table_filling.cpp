#include "pastry/table_filling.hpp"

#include <algorithm>
#include <utility>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration link_timeout = 4s;
constexpr core::duration rows_timeout = 5s;
constexpr unsigned fillers_max = 8;               // links that are made at once
constexpr std::size_t mates_asked = 2;            // of each row
constexpr std::size_t mates_asked_of_choice = 4;  // with replica_choice: near nodes are of more use

}  // namespace

table_filling::table_filling(const table_parts& parts, bool choosy, state_asker& up)
    : parts_(parts),
      choosy_(choosy),
      up_(up),
      rows_asked_(parts.metrics.get_counter("phyllo_table_rows_asked_total",
                                            "Requests for rows of others' routing tables, to fill or repair this one.")),
      entries_tried_(parts.metrics.get_counter("phyllo_table_links_total", "Links made to nodes that may enter the routing table.")),
      candidates_(choosy ? 3U : 1U),  // who chooses among near nodes has use for all
      scope_(parts.env) {}

core::awaitable<void> table_filling::stop() {
  halt();
  co_await scope_.join();
}

std::vector<table_row> table_filling::my_rows(unsigned first, unsigned last) const {
  auto rows = parts_.ring.table.rows(first, last);
  for (auto& row : rows) {
    for (const auto& n : row.entries) row.named.add(parts_.ring.heard_places(n));
  }
  return rows;
}

void table_filling::consider(const node_id& from, core::duration away, const std::vector<table_row>& rows) {
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.entries.size(); ++i) {
      const auto& n = row.entries[i];
      if (n == parts_.ring.self() || up_.failed(n) || parts_.lost.contains(n)) continue;
      const auto estimate = estimate_rtt(away, std::chrono::microseconds(row.rtts[i]));
      if (parts_.ring.table.would_take(n, estimate)) candidates_.offer({n, from, parts_.ring.table.slot_of(n), estimate, row.named.of(i)});
    }
  }
  fill();
}

void table_filling::fill() {
  if (!parts_.ring.active) return;
  // Ends: what is spawned takes one out at least, at once or later.
  while (filling_ < fillers_max && filling_ < candidates_.size() && candidates_.ready()) {
    ++filling_;
    scope_.spawn(take_candidates());
  }
}

core::awaitable<void> table_filling::take_candidates() {
  while (const auto c = candidates_.take()) {  // ends with those that may be tried now
    const auto& n = c->node;
    const bool wanted = worth_a_link(*c);
    bool linked = false;
    if (wanted) {
      entries_tried_.add();
      const auto deadline = parts_.env.now() + link_timeout;
      linked = co_await parts_.making.ensure(n, c->named_by, c->at, deadline);
    }
    if (linked) {
      up_.ask_for_state(n);  // tells it of this node, too; with its answer it is in the table, and the next of its slot may be tried
    } else {
      candidates_.tried(n);
    }
  }
  --filling_;
  compare_once_filled();
}

bool table_filling::worth_a_link(const table_candidate& c) {
  const auto& n = c.node;
  if (!parts_.ring.table.would_take(n, c.estimate) || up_.failed(n) || up_.asked(n)) return false;
  if (const auto* r = parts_.ring.find(n); r != nullptr && (r->leaving || r->doubt.suspect)) return false;
  if (!parts_.ring.usable(n)) return true;
  parts_.ring.enter(n);
  return false;
}

void table_filling::tried(const node_id& n) {
  candidates_.tried(n);
  fill();
  compare_once_filled();
}

void table_filling::compare_once_filled() {
  if (parts_.ring.active && filling_ == 0 && candidates_.done() && !std::exchange(compared_, true)) compare_rows();
}

// "It requests the state from each of the nodes in its routing table and neighborhood set ... and updates its own state
// with nodes that are nearer", and tells them its own; of each row, the nearest nodes are those worth asking, and again when others have
// come into it: nearer ones know nearer ones.
void table_filling::compare_rows() {
  const auto mates = choosy_ ? mates_asked_of_choice : mates_asked;
  for (unsigned r = 0; r < parts_.ring.table.rows_used(); ++r) {
    if (!parts_.ring.table.take_changed(r)) continue;
    const auto mine = my_rows(r, r);
    for (const auto& mate : parts_.ring.table.nearest_of(r, mates)) {
      if (mine.front().entries.size() > 1) tell_rows(mate, mine);
      ask_row(mate, r);
    }
  }
}

void table_filling::tell_rows(const node_id& mate, const std::vector<table_row>& rows) {
  update_request u;
  u.type = update_type::rows;
  u.rows = rows;
  message_contents m;
  m.code = code::update_req;
  m.body = u.encode();
  parts_.messages.requests().ask({destination::to_node(mate)}, std::move(m), parts_.env.now() + rows_timeout, {.link_only = true}, {});
}

void table_filling::ask_row(const node_id& mate, unsigned row) {
  rows_asked_.add();
  route_query_request q;
  q.target = destination::to_node(mate);
  q.type = query_type::rows;
  q.first_row = q.last_row = static_cast<std::uint8_t>(row);
  message_contents m;
  m.code = code::route_query_req;
  m.body = q.encode();
  auto done = [this, mate](const core::result<answer>& a) {
    if (!a || a->contents.code != code::route_query_req + 1) return;
    if (const auto rows = route_query_answer::decode(a->contents.body)) consider(mate, rows->rows);
  };
  parts_.messages.requests().ask({destination::to_node(mate)}, std::move(m), parts_.env.now() + rows_timeout, {}, std::move(done));
}

core::duration table_filling::distance_to(const node_id& n) const {
  const auto* l = parts_.links.to(n);
  return l != nullptr ? l->rtt() : core::duration::zero();
}

// A node that is linked takes the place, if one fits: many are, since they have this one in their tables. Else a row mate is asked, after a
// while: messages find other ways meanwhile, and who has lost one entry of a row has often lost another.
void table_filling::repair_slot(const node_id& lost) {
  const auto slot = parts_.ring.table.slot_of(lost);
  for (const auto& [n, r] : parts_.ring.records()) {
    if (r.usable() && parts_.ring.table.slot_of(n) == slot) parts_.ring.table.insert(n, r.link.rtt);
  }
  if (parts_.ring.table.at(slot.first, slot.second) == nullptr) empty_slots_.insert(slot);
}

void table_filling::repair_rows() {
  std::set<unsigned> rows;
  for (const auto& [row, column] : std::exchange(empty_slots_, {})) {
    if (parts_.ring.table.at(row, column) == nullptr) rows.insert(row);
  }
  std::ranges::for_each(rows, [this](unsigned r) { ask_somebody(r); });
}

void table_filling::ask_somebody(unsigned row) {
  const auto mates = parts_.ring.table.row(row);
  if (!mates.empty()) ask_row(mates[core::random_u64(parts_.env) % mates.size()], row);
}

void table_filling::exchange_rows() {
  for (unsigned r = 0; r < parts_.ring.table.rows_used(); ++r) ask_somebody(r);
}

}  // namespace phyllo::overlay

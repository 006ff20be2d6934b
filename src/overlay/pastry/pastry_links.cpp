// Of the plug-in: its links, as they come, are told of their use, and go.
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration idle_timeout = 20s;
constexpr core::duration idle_timeout_of_choice = 10min;  // with replica_choice: every near node that is linked is one to choose
constexpr core::duration silence_max = 20min;             // of a node that needs a link: it may be gone

}  // namespace

places pastry::places_of(const node_id& n) const {
  const auto* r = ring_.find(n);
  return r != nullptr ? r->candidates.all() : places();
}

core::time_point pastry::heard(const node_id& n) const {
  const auto* r = ring_.find(n);
  return r != nullptr ? r->heard : core::time_point{};
}

void pastry::on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) {
  ring_.hear_at(n, l.remote().address);
  auto& r = ring_.record(n);
  r.linked = true;
  r.peer = l.peer().may_be_peer();
  r.active = r.active && r.peer;
  r.uses_us = r.told_used = r.told_grants = false;
  r.rtt = l.rtt();
  r.heard = r.said = env_.now();
  if (dialled && r.candidates.empty()) ring_.learn_places(n, {{l.kind(), l.remote()}});
  const bool lost = dialled && first && ring_.leafs.contains(n);
  alive(n);  // it has just proved to be there
  if (!client_ && ring_.enter(n)) members_changed();
  if (lost) probe(n);  // it may have given this node up
}

// A joiner is not active yet either: it is counted until it is.
bool pastry::has_room_for(const node_id& n) {
  if (client_) return true;
  if (const auto* r = ring_.find(n); r != nullptr && r->active) return true;
  if (!client_rate_.take(env_.now())) return false;
  if (links_.nodes() < options_.clients_max) return true;
  const auto peers = links_.peers();
  const auto outside = [this](const node_id& p) {
    const auto* r = ring_.find(p);
    return r == nullptr || !r->active;
  };
  return static_cast<std::size_t>(std::ranges::count_if(peers, outside)) < options_.clients_max;
}

// All that this node would route by: leaf set and routing table.
void pastry::send_tables(const destination_list& to) {
  update_request leafs;
  leafs.type = update_type::active;
  leafs.state = my_state();
  update_request table;
  table.type = update_type::rows;
  table.rows = table_.my_rows(0, 255);
  for (const auto* u : {&leafs, &table}) {
    message_contents m;
    m.code = code::update_req;
    m.body = u->print();
    messenger_.request(to, std::move(m), env_.now() + 5s, {}, {});
  }
}

// "Ends of links: least recently used beyond leaf set and table, 20 s idle": of both ends'. Whoever does not need a link any more says
// so, and the last one closes it.
void pastry::close_unused() {
  const auto now = env_.now();
  const auto idle_most = options_.replica_choice > 0 ? idle_timeout_of_choice : idle_timeout;
  for (const auto& l : links_.excess(now)) l->close();
  for (const auto& n : links_.peers()) {
    const auto& r = ring_.record(n);
    const auto idle = now - std::max(r.heard, r.said);
    const bool used = uses(n);
    const bool tells = r.active && !client_ && used != r.told_used;
    if (used && tells) {
      probe(n);
      continue;
    }
    if (used || grant_.holder() == n || admission_.holder() == n || idle < idle_most) continue;
    if (!r.uses_us) {
      for (const auto& l : links_.of(n)) l->close();  // which tells it, too
    } else if (tells || idle >= silence_max) {
      probe(n);
    }
  }
}

}  // namespace phyllo::overlay

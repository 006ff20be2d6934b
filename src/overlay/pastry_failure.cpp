// Of the plug-in: suspects, and nodes that are gone (specification of the Pastry plug-in, peer failure).
#include <algorithm>

#include "diagnostic_messages.hpp"
#include "pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration lost_for = 1h;
constexpr std::size_t lost_max = 256;
constexpr core::duration indirect_timeout = 450ms;

}  // namespace

void pastry::on_heard(const node_id& n) {
  auto& r = ring_.record(n);
  r.heard = env_.now();
  if (r.suspect) alive(n);
}

void pastry::on_overdue(const node_id& n) { suspect(n); }

void pastry::on_link_closed(const node_id& n, const core::error& why) {
  log_.debug("link to {} closed: {}", n.hex(), why.message());
  auto& r = ring_.record(n);
  r.linked = false;
  if (options_.client) client_alarm_->cancel();
  admission_.release(n);
  grant_.release(n);
  if (r.active && !r.leaving && ring_.leafs.contains(n)) return suspect(n);
  const bool entry = ring_.table.contains(n);
  if (ring_.remove(n)) members_changed();
  if (entry && ring_.active) repair_row(n);
}

void pastry::suspect(const node_id& n) {
  const auto* l = links_.to(n);
  const auto rto = l != nullptr ? l->rto() : core::duration::zero();
  if (n == ring_.self() || state_ == peer_state::left || !detector_.suspect(n, env_.now(), rto)) return;
  ring_.record(n).suspect = true;
  on_agenda_changed();
  if (ring_.leafs.contains(n)) members_changed();
}

void pastry::alive(const node_id& n) {
  auto& r = ring_.record(n);
  if (!detector_.alive(n) && !r.suspect) return;
  r.suspect = false;
  if (ring_.leafs.contains(n)) members_changed();
}

void pastry::run_detector(core::time_point now) {
  for (const auto& [n, what] : detector_.due(now)) {
    switch (what) {
      case failure_detector::action::probe: ask_again(n); break;
      case failure_detector::action::probe_indirect: ask_around(n); break;
      case failure_detector::action::fail: fail(n); break;
    }
  }
}

// By its link; a link that has broken is dialled anew where the node was found before.
void pastry::ask_again(const node_id& n) {
  if (links_.to(n) != nullptr) return reconcile(n);  // its link sends again what is open
  const auto& candidates = ring_.record(n).candidates;
  if (!candidates.empty() && dialling_.insert(n).second) scope_.spawn(dial(n, candidates));
}

// "then Ping by source route through two leaf-set neighbours": an answer means that only our link is broken.
void pastry::ask_around(const node_id& n) {
  unsigned asked = 0;
  for (const auto& via : ring_.leafs.members()) {
    if (via == n || !ring_.usable(via) || asked == 2) continue;
    ++asked;
    message_contents m;
    m.code = code::ping_req;
    m.body = print_ping_request();
    auto done = [this, n, via](const core::result<answer>& a) {
      if (a && a->from == n && detector_.suspected(n) && links_.to(n) == nullptr) scope_.spawn(link_again(n, via));
    };
    const auto deadline = env_.now() + indirect_timeout;
    messenger_.request({destination::to_node(via), destination::to_node(n)}, std::move(m), deadline, {.sends_max = 1}, std::move(done));
  }
}

core::awaitable<void> pastry::link_again(node_id n, node_id via) {
  const auto deadline = env_.now() + 3s;
  const bool linked = co_await ensure_link(n, via, deadline);
  if (linked) probe(n);
}

void pastry::fail(const node_id& n) {
  log_.info("{} has failed", n.hex());
  auto& r = ring_.record(n);
  detector_.alive(n);
  r.suspect = r.active = r.linked = false;
  if (lost_.size() < lost_max && !r.candidates.empty()) lost_[n] = {r.candidates, env_.now() + lost_for};
  for (const auto& l : links_.of(n)) l->close();
  admission_.release(n);
  grant_.release(n);
  const bool leaf = ring_.leafs.contains(n);
  const bool entry = ring_.table.contains(n);
  ring_.remove(n);
  failed_.insert(n);
  if (entry) repair_row(n);
  if (leaf) {
    refill();
    for (const auto& m : ring_.leafs.members()) {
      if (ring_.usable(m)) probe(m);
    }
  }
  messenger_.hurry(n);
  members_changed();
}

}  // namespace phyllo::overlay

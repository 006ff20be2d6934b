// Of the plug-in: links, and Attach as an overlay without ICE does it (RFC 6940 s.6.5.1, s.6.5.1.11): the sender of
// Attach is passive, the answerer dials it.
#include <algorithm>

#include "pastry/pastry.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration direct_timeout = 1500ms;  // then by those who know it
constexpr core::duration idle_timeout = 20s;
constexpr core::duration idle_timeout_of_choice = 10min;  // with replica_choice: every near node that is linked is one to choose
constexpr core::duration silence_max = 20min;             // of a node that needs a link: it may be gone
// A link that has just brought something is no stale one: no second link is dialled beside it.
constexpr core::duration fresh_for = 1s;
constexpr std::size_t dials_max = 256;

}  // namespace

core::awaitable<bool> pastry::wait_for_link(node_id n, core::time_point deadline) {
  const auto signal = env_.make_timer();
  struct registration {
    std::vector<std::pair<node_id, core::timer*>>& list;
    core::timer* timer;
    ~registration() {
      std::erase_if(list, [this](const auto& w) { return w.second == timer; });
    }
  };
  link_waiters_.emplace_back(n, signal.get());
  const registration r{link_waiters_, signal.get()};
  while (links_.to(n) == nullptr && env_.now() < deadline && state_ != peer_state::left) {  // ends with a link, in time, or stopped
    signal->set(deadline);
    co_await signal->wait();
  }
  co_return links_.to(n) != nullptr;
}

core::awaitable<bool> pastry::ensure_link(node_id n, std::optional<node_id> via, places said, core::time_point deadline) {
  if (links_.to(n) != nullptr) co_return true;
  if (attaching_.contains(n) || dialling_.contains(n)) co_return co_await wait_for_link(n, deadline);
  auto to = places_of(n);
  for (const auto& c : said) {
    if (std::ranges::find(to, c) == to.end()) to.push_back(c);
  }
  if (!to.empty()) {
    dialling_.insert(n);
    co_await dial(n, std::move(to), std::min(deadline, env_.now() + direct_timeout));
    if (links_.to(n) != nullptr) co_return true;
  }
  co_return co_await attach(n, via, deadline);
}

message_contents pastry::make_attach(const destination& to) const {
  attach_message a;
  a.role = "passive";
  a.candidates = to_ice(layer_.candidates());
  message_contents m;
  m.code = code::attach_req;
  m.body = a.print();
  m.extensions.push_back(attach_stamp{core::unix_milliseconds(env_.wall_now()), to}.encode());
  return m;
}

core::awaitable<bool> pastry::attach(node_id n, std::optional<node_id> via, core::time_point deadline) {
  if (links_.to(n) != nullptr) co_return true;
  if (attaching_.contains(n) || dialling_.contains(n)) co_return co_await wait_for_link(n, deadline);
  attaching_[n] = attach_phase::asked;
  auto m = make_attach(destination::to_node(n));
  destination_list to;
  if (via && *via != n && links_.to(*via) != nullptr) to.push_back(destination::to_node(*via));
  to.push_back(destination::to_node(n));
  const auto answered = co_await ask(std::move(to), std::move(m), deadline);
  bool linked = links_.to(n) != nullptr;
  if (answered && !linked) {
    attaching_[n] = attach_phase::answered;
    const auto theirs = attach_message::read(answered->contents.body);
    if (answered->contents.code == code::attach_req + 1 && theirs) ring_.learn_places(n, diallable(theirs->candidates));
    const auto error = read_error(answered->contents);
    const bool coming = !error || error->code == error_code::in_progress;
    if (coming) linked = co_await wait_for_link(n, deadline);
  }
  attaching_.erase(n);
  co_return linked;
}

core::awaitable<void> pastry::dial(node_id n, places to, core::time_point deadline) {
  auto dialled = co_await layer_.connect(std::move(to), n, deadline);
  dialling_.erase(n);
  if (!dialled) co_return;
  const bool lost = ring_.leafs.contains(n) && links_.to(n) == nullptr;
  adopt_link(std::move(*dialled), true);
  if (lost) probe(n);  // it may have given this node up
}

void pastry::on_link(std::shared_ptr<transport::link> l) { adopt_link(std::move(l), false); }

void pastry::adopt_link(std::shared_ptr<transport::link> l, bool dialled) {
  const auto n = l->peer().node();
  if (n == ring_.self() || state_ == peer_state::left || !l->open()) return l->close();
  // The handshake checked this too; but a document adopted since may have revoked the peer.
  if (auto trusted = trust_.check(l->peer(), env_.wall_now()); !trusted) {
    metrics_.drop("untrusted_link");
    return l->close();
  }
  if (!dialled && !options_.client && !room_for_client(n)) {
    metrics_.drop("clients_full");
    return l->close();
  }
  messenger_.certificates().keep(l->peer());
  l->observe(&messenger_);
  ring_.hear_at(n, l->remote().address);
  auto& r = ring_.record(n);
  r.linked = true;
  r.peer = l->peer().may_be_peer();
  r.active = r.active && r.peer;
  r.uses_us = r.told_used = r.told_grants = false;
  r.rtt = l->rtt();
  r.heard = r.said = env_.now();
  if (dialled && r.candidates.empty()) ring_.learn_places(n, {{l->kind(), l->remote()}});
  links_.add(std::move(l), dialled, env_.now());
  alive(n);  // it has just proved to be there
  if (!options_.client && ring_.enter(n)) members_changed();
  const auto waiters = link_waiters_;
  for (const auto& [whom, timer] : waiters) {
    if (whom == n) timer->cancel();
  }
}

// RFC 6940 s.6.5.1.2: both have sent Attach to each other; the larger Node-ID's goes on.
bool pastry::yields_to_mine(const node_id& n) const {
  const auto mine = attaching_.find(n);
  if (mine == attaching_.end()) return false;
  return mine->second == attach_phase::answered || n < ring_.self();
}

void pastry::on_attach(const received_request& r) {
  const auto theirs = attach_message::read(r.contents.body);
  const auto n = r.signer.node();
  if (!theirs) return messenger_.respond(r, make_error(error_code::invalid_message, theirs.error().message()));
  // To a Resource-ID goes the Attach of a joiner (s.11.4): clients know whom they attach to.
  if (r.resource && !r.signer.may_be_peer()) return refuse_client(r);
  const auto stamp = attach_stamp::of(r.contents);
  const auto here = r.resource ? destination::to_resource(*r.resource) : destination::to_node(ring_.self());
  if (!stamp || stamp->target != here) return messenger_.respond(r, make_error(error_code::forbidden, "an Attach for somebody else"));
  if (!attached_.take(n, stamp->made_ms, core::unix_milliseconds(env_.wall_now()))) {
    metrics_.drop("attach_old");
    return messenger_.respond(r, make_error(error_code::message_expired, "an Attach of another time"));
  }
  // "This value MUST be "passive" for the offerer" (s.6.5.1.1).
  if (theirs->role != "passive") return messenger_.respond(r, make_error(error_code::invalid_message, "an offer's role is passive"));
  if (mixes_ice(theirs->candidates))
    return messenger_.respond(r, make_error(error_code::invalid_message, "candidates are either all ICE or all No-ICE"));
  auto candidates = diallable(theirs->candidates);
  if (n == ring_.self() || candidates.empty()) {
    return messenger_.respond(r, make_error(error_code::invalid_message, "no candidate that can be dialled"));
  }
  if (yields_to_mine(n) || dialling_.size() >= dials_max) return messenger_.respond(r, make_error(error_code::in_progress));
  attach_message mine;
  mine.role = "active";
  mine.candidates = to_ice(layer_.candidates());
  message_contents m;
  m.code = code::attach_req + 1;
  m.body = mine.print();
  messenger_.respond(r, std::move(m));
  ring_.learn_places(n, candidates);
  const bool fresh = links_.to(n) != nullptr && env_.now() - ring_.record(n).heard < fresh_for;
  if (fresh) {
    if (theirs->send_update) send_tables({destination::to_node(n)});
  } else if (dialling_.insert(n).second) {
    scope_.spawn(dial_asker(n, std::move(candidates), theirs->send_update));
  }
}

// "it MUST send an Update message back to the sender of the Attach request after completion of the ... TLS connection" (s.6.4.2.3).
core::awaitable<void> pastry::dial_asker(node_id n, places to, bool update) {
  co_await dial(n, std::move(to), env_.now() + dial_timeout);
  if (update && links_.to(n) != nullptr) send_tables({destination::to_node(n)});
}

// All that this node would route by: leaf set and routing table.
void pastry::send_tables(const destination_list& to) {
  update_request leafs;
  leafs.type = update_type::active;
  leafs.state = my_state();
  update_request table;
  table.type = update_type::rows;
  table.rows = my_rows(0, 255);
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
    const bool tells = r.active && !options_.client && used != r.told_used;
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

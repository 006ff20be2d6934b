// Of a Chord node: its life, what others ask of it, and what it notices of them.
#include "chord/chord_node.hpp"

#include <algorithm>

#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr core::duration check_timeout = 3s;   // of a link that owes an answer
constexpr core::duration tidying_every = 30s;  // of links beside a preferred one

chord_options options_of(const identity::chord_settings& s, core::environment& env) {
  chord_options o;
  o.update_interval = std::chrono::seconds(s.update_interval_s);
  o.ping_interval = std::chrono::seconds(s.ping_interval_s);
  o.reactive = s.reactive;
  o.random = core::random_hash_key(env);
  return o;
}

}  // namespace

chord_node::chord_node(const topology_parts& parts, const identity::chord_settings& settings, const peer_options& options,
                       topology_observer& up)
    : env_(parts.env),
      self_(parts.self),
      trust_(parts.trust),
      links_(parts.links),
      messenger_(parts.messages),
      link_maker_(parts.making),
      clock_(parts.clock),
      metrics_(parts.metrics),
      log_(parts.log),
      up_(up),
      first_(options.first),
      client_(options.client),
      clients_max_(options.clients_max),
      machine_(self_->certificate.node(), options_of(settings, env_), env_.now()),
      contacts_(core::random_hash_key(env_)),
      knowledge_(env_, machine_, contacts_, links_, state_),
      joined_(env_.make_timer()),
      scope_(env_) {}

void chord_node::start() {
  next_tidying_ = env_.now() + tidying_every;
  if (first_) form();
}

core::awaitable<core::status> chord_node::join(places bootstrap, core::time_point deadline) {
  if (client_) co_return core::fail(errc::refused, "an overlay of CHORD-RELOAD takes peers only here: ordinary nodes need PHYLLO-PASTRY");
  if (!self_->certificate.may_be_peer()) co_return core::fail(errc::refused, "the certificate does not give the right to be a peer");
  bootstrap_ = std::move(bootstrap);
  if (state_ == peer_state::joining) perform(machine_.join(env_.now()));
  while (state_ == peer_state::joining && env_.now() < deadline) {  // ends active, at the deadline or when stopped
    joined_->set(deadline);
    co_await joined_->wait();
  }
  if (state_ == peer_state::ready) co_return core::status();
  if (state_ != peer_state::joining) co_return core::fail(errc::not_joined);
  co_return core::fail(errc::timed_out, links_.nodes() == 0 ? "no bootstrap node has answered" : "nobody has admitted this node yet");
}

void chord_node::form() {
  if (state_ == peer_state::joining) perform(machine_.form(env_.now()));
}

void chord_node::seek(places place) {
  if (state_ == peer_state::ready && !place.empty()) scope_.spawn(seek_through(std::move(place)));
}

void chord_node::say_leave() {
  state_ = peer_state::leaving;
  perform(machine_.leave(env_.now()));
  up_.on_members_changed();
}

void chord_node::halt() {
  if (state_ == peer_state::ready) (void)machine_.leave(env_.now());
  state_ = peer_state::left;
  joined_->cancel();
  scope_.cancel();
}

core::awaitable<void> chord_node::stop() {
  halt();
  co_await scope_.join();
}

void chord_node::drop_revoked() {
  for (const auto& l : links_.all()) {
    if (trust_.check(l->peer(), env_.wall_now())) continue;
    contacts_.note_failed(l->peer().node(), env_.now());
    l->close();
  }
}

void chord_node::run_due(core::time_point now) {
  if (now >= next_tidying_) {
    next_tidying_ = now + tidying_every;
    for (const auto& l : links_.excess(now)) l->close();
  }
  if (now >= machine_.next_due()) perform(machine_.tick(now));
}

core::time_point chord_node::next_due() const { return std::min(machine_.next_due(), next_tidying_); }

void chord_node::refuse_client(const received_request& r) {
  metrics_.drop("not_a_peer");
  messenger_.respond(r, make_error(error_code::forbidden, "the certificate does not give the right to be a peer"));
}

// Lists and TTL are not signed: what changes the topology counts only on a link whose peer is its signer.
bool chord_node::counts(const received_request& r) {
  if (!r.signer.may_be_peer()) {
    refuse_client(r);
    return false;
  }
  if (!r.direct) messenger_.respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  return r.direct;
}

void chord_node::on_join(const received_request& r) {
  if (!counts(r)) return;
  const auto join = chord_join_request::decode(r.contents.body);
  const auto n = r.signer.node();
  if (!join) return messenger_.respond(r, make_error(error_code::invalid_message, join.error().message()));
  if (join->node != n) return messenger_.respond(r, make_error(error_code::forbidden, "joining_peer_id is not the signer"));
  join_ = &r;
  perform(machine_.join_asked(n, env_.now()));
  join_ = nullptr;
}

void chord_node::on_leave(const received_request& r) {
  if (!counts(r)) return;
  const auto leave = chord_leave_request::decode(r.contents.body);
  const auto n = r.signer.node();
  if (!leave) return messenger_.respond(r, make_error(error_code::invalid_message, leave.error().message()));
  if (leave->node != n) return messenger_.respond(r, make_error(error_code::forbidden, "leaving_peer_id is not the signer"));
  messenger_.respond(r, answer_to(r));
  contacts_.note_failed(n, env_.now());
  perform(machine_.left(*leave, env_.now()));
}

void chord_node::on_update(const received_request& r) {
  if (!counts(r)) return;
  const auto u = chord_update::decode(r.contents.body);
  if (!u) return messenger_.respond(r, make_error(error_code::invalid_message, u.error().message()));
  messenger_.respond(r, answer_to(r));
  perform(machine_.updated(r.signer.node(), *u, env_.now()));
}

void chord_node::on_route_query(received_request r) {
  const auto q = chord_route_query_request::decode(r.contents.body);
  if (!q) return messenger_.respond(r, make_error(error_code::invalid_message, q.error().message()));
  messenger_.respond(r, answer_to(r, chord_route_query_answer{knowledge_.next_peer(q->target)}.encode()));
  // "the responder SHOULD initiate an Update immediately after sending the RouteQueryAns" (s.10.8).
  const bool linked = links_.to(r.signer.node()) != nullptr;
  if (q->send_update && linked && update_rate_.take(env_.now())) on_update_wanted(r.signer.node());
}

void chord_node::on_update_wanted(const node_id& n) { perform(machine_.link_opened(n, true, env_.now())); }

bool chord_node::has_room_for(const node_id& n) {
  if (machine_.routing().is_active(n)) return true;
  return client_rate_.take(env_.now()) && links_.nodes() < clients_max_ + machine_.routing().links().size();
}

void chord_node::on_linked(const node_id& n, const transport::link& l, bool dialled, bool first) {
  contacts_.note_heard(n, env_.now());
  contacts_.note_linked(n);
  if (dialled && contacts_.places_of(n).empty()) contacts_.learn_places(n, {{l.kind(), l.remote()}});
  if (first) perform(machine_.link_opened(n, false, env_.now()));
}

void chord_node::on_link_closed(const node_id& n, const core::error& /*why*/) { perform(machine_.link_closed(n, env_.now())); }

void chord_node::on_unjudged(const node_id& n, const message_contents& /*m*/) { clock_.unjudged(n); }

void chord_node::check(const node_id& n) {
  if (links_.to(n) == nullptr || !checking_.insert(n).second) return;
  auto done = [this, n](const core::result<answer>& a) {
    checking_.erase(n);
    if (!a) fail(n);
  };
  send(n, code::ping_req, print_ping_request(), check_timeout, std::move(done));
}

void chord_node::fail(const node_id& n) {
  if (state_ == peer_state::left) return;
  contacts_.note_failed(n, env_.now());
  messenger_.give_up(n);
  perform(machine_.unanswered(n, env_.now()));
}

}  // namespace phyllo::overlay

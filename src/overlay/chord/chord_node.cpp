#include "chord/chord_node.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr core::duration tidying_every = 30s;  // of links beside a preferred one

chord_options options_of(const identity::chord_settings& s, core::environment& env) {
  chord_options o{s};
  o.random = core::random_hash_key(env);
  return o;
}

}  // namespace

chord_node::chord_node(const topology_parts& parts, const identity::chord_settings& settings, const peer_options& options,
                       topology_observer& up)
    : parts_(parts),
      up_(up),
      first_(options.first),
      presence_(parts.env),
      machine_(parts.self->certificate.node(), options_of(settings, parts.env), parts.env.now()),
      contacts_(core::random_hash_key(parts.env)),
      knowledge_(parts.env, machine_, contacts_, parts.links, presence_.state()),
      performer_(parts, machine_, contacts_, presence_, up),
      links_(parts, machine_, contacts_, performer_, options.clients_max) {}

void chord_node::start() {
  next_tidying_ = parts_.env.now() + tidying_every;
  if (first_) form();
}

core::awaitable<core::status> chord_node::join(places bootstrap, core::time_point deadline) {
  performer_.start_from(std::move(bootstrap));
  if (presence_.state() == peer_state::joining) performer_.perform(machine_.join(parts_.env.now()));
  co_await presence_.joined(deadline);
  if (presence_.state() == peer_state::ready) co_return core::status();
  if (presence_.state() != peer_state::joining) co_return core::fail(errc::not_joined);
  const char* const why = parts_.links.nodes() == 0 ? "no bootstrap node has answered" : "nobody has admitted this node yet";
  co_return core::fail(errc::timed_out, why);
}

void chord_node::form() {
  if (presence_.state() == peer_state::joining) performer_.perform(machine_.form(parts_.env.now()));
}

void chord_node::seek(places place) {
  if (presence_.state() == peer_state::ready && !place.empty()) performer_.seek(std::move(place));
}

void chord_node::say_leave() {
  presence_.enter(peer_state::leaving);
  performer_.perform(machine_.leave(parts_.env.now()));
  up_.on_members_changed();
}

void chord_node::halt() {
  if (presence_.state() == peer_state::ready) (void)machine_.leave(parts_.env.now());
  presence_.enter(peer_state::left);
  performer_.cancel();
}

core::awaitable<void> chord_node::stop() {
  halt();
  co_await performer_.join();
}

void chord_node::drop_revoked() {
  for (const auto& l : parts_.links.all()) {
    if (parts_.trust.check(l->peer(), parts_.env.wall_now())) continue;
    contacts_.note_failed(l->peer().node(), parts_.env.now());
    l->close();
  }
}

void chord_node::run_due(core::time_point now) {
  if (now >= next_tidying_) {
    next_tidying_ = now + tidying_every;
    for (const auto& l : parts_.links.excess(now)) l->close();
  }
  if (now >= machine_.next_due()) performer_.perform(machine_.tick(now));
}

core::time_point chord_node::next_due() const { return std::min(machine_.next_due(), next_tidying_); }

void chord_node::refuse_client(const received_request& r) {
  parts_.metrics.drop("not_a_peer");
  parts_.messages.answers().respond(r, make_error(error_code::forbidden, "the certificate does not give the right to be a peer"));
}

// Lists and TTL are not signed: what changes the topology counts only on a link whose peer is its signer.
bool chord_node::counts(const received_request& r) {
  if (!r.signer.may_be_peer()) {
    refuse_client(r);
    return false;
  }
  if (!r.direct) parts_.messages.answers().respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  return r.direct;
}

void chord_node::on_join(const received_request& r) {
  if (!counts(r)) return;
  const auto join = chord_join_request::decode(r.contents.body);
  const auto n = r.signer.node();
  if (!join) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, join.error().message()));
  if (join->node != n) return parts_.messages.answers().respond(r, make_error(error_code::forbidden, "joining_peer_id is not the signer"));
  performer_.perform(machine_.join_asked(n, parts_.env.now()), r);
}

void chord_node::on_leave(const received_request& r) {
  if (!counts(r)) return;
  const auto leave = chord_leave_request::decode(r.contents.body);
  const auto n = r.signer.node();
  if (!leave) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, leave.error().message()));
  if (leave->node != n) return parts_.messages.answers().respond(r, make_error(error_code::forbidden, "leaving_peer_id is not the signer"));
  parts_.messages.answers().respond(r, answer_to(r));
  contacts_.note_failed(n, parts_.env.now());
  performer_.perform(machine_.left(*leave, parts_.env.now()));
}

void chord_node::on_update(const received_request& r) {
  if (!counts(r)) return;
  const auto u = chord_update::decode(r.contents.body);
  if (!u) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, u.error().message()));
  parts_.messages.answers().respond(r, answer_to(r));
  performer_.perform(machine_.updated(r.signer.node(), *u, parts_.env.now()));
}

void chord_node::on_route_query(received_request r) {
  const auto q = chord_route_query_request::decode(r.contents.body);
  if (!q) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, q.error().message()));
  parts_.messages.answers().respond(r, answer_to(r, chord_route_query_answer{knowledge_.next_peer(q->target)}.encode()));
  // "the responder SHOULD initiate an Update immediately after sending the RouteQueryAns" (s.10.8).
  const bool linked = parts_.links.to(r.signer.node()) != nullptr;
  if (q->send_update && linked && update_rate_.take(parts_.env.now())) links_.on_update_wanted(r.signer.node());
}

}  // namespace phyllo::overlay

#include "pastry/pastry_requests.hpp"

#include <algorithm>

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

std::optional<leaf_set_state> state_beside_leave(const message_contents& m) {
  const auto e = std::ranges::find(m.extensions, leave_request::extension_type, &extension::type);
  if (e == m.extensions.end()) return std::nullopt;
  core::wire_reader content(e->content);
  auto state = leaf_set_state::read(content);
  if (!content.done()) return std::nullopt;
  return state;
}

std::optional<link_subject> link_subject_of(query_type t) {
  switch (t) {
    case query_type::sync: return link_subject::sync;
    case query_type::revocations: return link_subject::revocations;
    case query_type::document: return link_subject::document;
    default: return std::nullopt;
  }
}

bool acts_as_peer(const route_query_request& q) {
  if (q.type == query_type::sync) return true;
  return q.type == query_type::probe && (q.state.has(leaf_set_state::flag_active) || q.state.has(leaf_set_state::flag_asks));
}

}  // namespace

// What only peers do. Whoever has not the right is a client, whatever flags it sends.
void pastry_requests::refuse_client(const received_request& r) {
  parts_.metrics.drop("not_a_peer");
  parts_.messages.answers().respond(r, make_error(error_code::forbidden, "the certificate does not give the right to be a peer"));
}

// Lists and TTL are not signed: what changes the topology counts only on a link whose peer is its signer.
bool pastry_requests::counts(const received_request& r) {
  if (!r.direct) parts_.messages.answers().respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  return r.direct;
}

void pastry_requests::on_route_query(received_request r) {
  auto q = route_query_request::decode(r.contents.body);
  if (!q) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, q.error().message()));
  const bool public_question = q->type == query_type::none || q->type == query_type::rows;
  if (!public_question && !r.direct)
    return parts_.messages.answers().respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  if (acts_as_peer(*q) && !r.signer.may_be_peer()) return refuse_client(r);
  if (q->type == query_type::probe) return on_probe(r, *q);
  if (const auto what = link_subject_of(q->type)) return parts_.up.on_link_question(std::move(r), *what, std::move(q->content));
  route_query_answer a;
  a.next_peer = parts_.knowledge.next_peer(q->target);
  a.type = q->type;
  if (q->type == query_type::rows) {
    a.rows = parts_.table.my_rows(q->first_row, q->last_row);
    a.state = parts_.own.tell();
  }
  parts_.messages.answers().respond(r, answer_to(r, a.encode()));
  // "the responder SHOULD initiate an Update immediately after sending the RouteQueryAns" (s.10.8).
  if (q->send_update && !r.return_path.empty() && update_rate_.take(parts_.env.now())) send_tables(r.return_path);
}

void pastry_requests::on_probe(const received_request& r, const route_query_request& q) {
  const auto from = r.signer.node();
  auto granted = grant(from, q.state);
  parts_.views.learn(from, q.state);
  if (q.state.has(leaf_set_state::flag_unsynced)) parts_.up.on_unsynced_here(from);
  route_query_answer a;
  a.next_peer = parts_.knowledge.next_peer(q.target);
  a.type = query_type::probe;
  a.granted = std::move(granted);
  a.state = parts_.own.tell_to(from, parts_.admission.busy_for(from, parts_.env.now()) ? leaf_set_state::flag_busy : std::uint8_t{0});
  parts_.messages.answers().respond(r, answer_to(r, a.encode()));
}

std::vector<signed_grant> pastry_requests::grant(const node_id& joiner, const leaf_set_state& s) {
  const bool withdraws = !s.has(leaf_set_state::flag_active) && s.has(leaf_set_state::flag_leaving);
  if (withdraws) parts_.admission.release(joiner);
  if (withdraws || !s.has(leaf_set_state::flag_asks) || !parts_.ring.active) return {};
  expire_grants(parts_.env.now());
  return parts_.admission.grant(joiner, s, parts_.env.now());
}

void pastry_requests::expire_grants(core::time_point now) {
  if (!parts_.admission.expire(now)) return;
  parts_.failures.repair().refill(now);
  parts_.membership.changed();
}

void pastry_requests::on_join(const received_request& r) {
  if (!r.signer.may_be_peer()) return refuse_client(r);
  if (!counts(r)) return;
  const auto join = membership_request::decode(r.contents.body);
  if (!join) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, join.error().message()));
  const auto n = r.signer.node();
  if (join->node != n) return parts_.messages.answers().respond(r, make_error(error_code::forbidden, "joining_peer_id is not the signer"));
  if (!parts_.ring.active) return parts_.messages.answers().respond(r, make_error(error_code::in_progress));
  // Whoever has asked its way to its place has come to its root; others have no business here.
  if (parts_.knowledge.next_peer(destination::to_resource(n)) != parts_.ring.self()) {
    parts_.metrics.drop("not_the_root");
    return parts_.messages.answers().respond(r, make_error(error_code::forbidden, "this node is not the root of joining_peer_id"));
  }
  if (!parts_.admission.admit(n, parts_.env.now())) return parts_.messages.answers().respond(r, make_error(error_code::in_progress));
  parts_.views.learn(n, join->state);
  parts_.messages.answers().respond(r, answer_to(r, encode_join_answer(parts_.own.tell())));
}

void pastry_requests::on_leave(const received_request& r) {
  if (!counts(r)) return;
  const auto leave = leave_request::decode(r.contents.body);
  if (!leave) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, leave.error().message()));
  const auto n = r.signer.node();
  if (leave->node != n) return parts_.messages.answers().respond(r, make_error(error_code::forbidden, "leaving_peer_id is not the signer"));
  parts_.admission.release(n);
  auto state = state_beside_leave(r.contents);
  if (!state) {  // it says no more than that it leaves
    state.emplace();
    if (const auto* known = parts_.ring.find(n)) state->incarnation = known->incarnation;
  }
  state->flags = static_cast<std::uint8_t>((state->flags & ~leaf_set_state::flag_active) | leaf_set_state::flag_leaving);
  parts_.views.learn(n, *state);
  parts_.messages.answers().respond(r, answer_to(r));
}

void pastry_requests::on_update(const received_request& r) {
  if (!r.signer.may_be_peer()) return refuse_client(r);
  if (!counts(r)) return;
  const auto u = update_request::decode(r.contents.body);
  if (!u) return parts_.messages.answers().respond(r, make_error(error_code::invalid_message, u.error().message()));
  const auto n = r.signer.node();
  switch (u->type) {
    case update_type::active:
      parts_.views.learn(n, u->state);
      parts_.views.help(n, u->state);
      break;
    case update_type::rows: parts_.table.consider(n, u->rows); break;
    case update_type::supernodes: break;  // for ordinary nodes
    case update_type::synced: parts_.up.on_synced(n, {u->first, u->last}, u->view); break;
    case update_type::revocations: parts_.up.on_revocations(n, u->content); break;
  }
  parts_.messages.answers().respond(r, answer_to(r));
}

void pastry_requests::send_tables(const destination_list& to) {
  update_request leafs;
  leafs.type = update_type::active;
  leafs.state = parts_.own.tell();
  update_request table;
  table.type = update_type::rows;
  table.rows = parts_.table.my_rows(0, 255);
  for (const auto* u : {&leafs, &table}) {
    message_contents m;
    m.code = code::update_req;
    m.body = u->encode();
    parts_.messages.requests().ask(to, std::move(m), parts_.env.now() + 5s, {}, {});
  }
}

}  // namespace phyllo::overlay

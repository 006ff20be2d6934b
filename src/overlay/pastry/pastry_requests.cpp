// Of the plug-in: what others ask of this node.
#include <algorithm>

#include "pastry/pastry.hpp"

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

}  // namespace

// Lists and TTL are not signed: what changes the topology counts only on a link whose peer is its signer.
bool pastry::counts(const received_request& r) {
  if (!r.direct) messenger_.respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  return r.direct;
}

node_id pastry::next_peer(const destination& d) const {
  const auto decided = ring_.decide(d, true);
  return decided.what == verdict::forward ? decided.next : ring_.self();
}

void pastry::on_route_query(received_request r) {
  auto q = route_query_request::read(r.contents.body);
  if (!q) return messenger_.respond(r, make_error(error_code::invalid_message, q.error().message()));
  const bool public_question = q->type == query_type::none || q->type == query_type::rows;
  if (!public_question && !r.direct) return messenger_.respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  if (acts_as_peer(*q) && !r.signer.may_be_peer()) return refuse_client(r);
  if (q->type == query_type::probe) return on_probe(r, *q);
  if (const auto what = link_subject_of(q->type)) return up_.on_link_question(std::move(r), *what, std::move(q->content));
  route_query_answer a;
  a.next_peer = next_peer(q->target);
  a.type = q->type;
  if (q->type == query_type::rows) {
    a.rows = table_.my_rows(q->first_row, q->last_row);
    a.state = my_state();
  }
  messenger_.respond(r, answer_to(r, a.print()));
  // "the responder SHOULD initiate an Update immediately after sending the RouteQueryAns" (s.10.8).
  if (q->send_update && !r.return_path.empty() && update_rate_.take(env_.now())) send_tables(r.return_path);
}

void pastry::on_probe(const received_request& r, const route_query_request& q) {
  const auto from = r.signer.node();
  auto granted = grant(from, q.state);
  learn(from, q.state);
  if (q.state.has(leaf_set_state::flag_unsynced)) up_.on_unsynced_here(from);
  route_query_answer a;
  a.next_peer = next_peer(q.target);
  a.type = query_type::probe;
  a.granted = std::move(granted);
  a.state = my_state_for(from, grant_.busy_for(from, env_.now()) ? leaf_set_state::flag_busy : std::uint8_t{0});
  messenger_.respond(r, answer_to(r, a.print()));
}

void pastry::on_join(const received_request& r) {
  if (!r.signer.may_be_peer()) return refuse_client(r);
  if (!counts(r)) return;
  const auto join = membership_request::read(r.contents.body);
  if (!join) return messenger_.respond(r, make_error(error_code::invalid_message, join.error().message()));
  const auto n = r.signer.node();
  if (join->node != n) return messenger_.respond(r, make_error(error_code::forbidden, "joining_peer_id is not the signer"));
  if (!ring_.active) return messenger_.respond(r, make_error(error_code::in_progress));
  // Whoever has asked its way to its place has come to its root; others have no business here.
  if (next_peer(destination::to_resource(n)) != ring_.self()) {
    metrics_.drop("not_the_root");
    return messenger_.respond(r, make_error(error_code::forbidden, "this node is not the root of joining_peer_id"));
  }
  if (!admission_.take(n, env_.now())) return messenger_.respond(r, make_error(error_code::in_progress));
  learn(n, join->state);
  messenger_.respond(r, answer_to(r, print_join_answer(my_state())));
}

void pastry::on_leave(const received_request& r) {
  if (!counts(r)) return;
  const auto leave = leave_request::read(r.contents.body);
  if (!leave) return messenger_.respond(r, make_error(error_code::invalid_message, leave.error().message()));
  const auto n = r.signer.node();
  if (leave->node != n) return messenger_.respond(r, make_error(error_code::forbidden, "leaving_peer_id is not the signer"));
  admission_.release(n);
  grant_.release(n);
  auto state = state_beside_leave(r.contents);
  if (!state) {  // it says no more than that it leaves
    state.emplace();
    if (const auto* known = ring_.find(n)) state->incarnation = known->incarnation;
  }
  state->flags = static_cast<std::uint8_t>((state->flags & ~leaf_set_state::flag_active) | leaf_set_state::flag_leaving);
  learn(n, *state);
  messenger_.respond(r, answer_to(r));
}

void pastry::on_update(const received_request& r) {
  if (!r.signer.may_be_peer()) return refuse_client(r);
  if (!counts(r)) return;
  const auto u = update_request::read(r.contents.body);
  if (!u) return messenger_.respond(r, make_error(error_code::invalid_message, u.error().message()));
  const auto n = r.signer.node();
  switch (u->type) {
    case update_type::active:
      learn(n, u->state);
      help(n, u->state);
      break;
    case update_type::rows: table_.consider(n, u->rows); break;
    case update_type::supernodes: break;  // for ordinary nodes
    case update_type::synced: up_.on_synced(n, {u->first, u->last}, u->view); break;
    case update_type::revocations: up_.on_revocations(n, u->content); break;
  }
  messenger_.respond(r, answer_to(r));
}

}  // namespace phyllo::overlay

// Of the plug-in: what others ask of this node.
#include <algorithm>
#include <cmath>

#include "pastry/pastry.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

// Those whose extensions are judged above, too.
bool is_storage(std::uint16_t c) {
  return c == code::store_req || c == code::fetch_req || c == code::stat_req || c == code::find_req || c == code::config_update_req;
}

bool asks_for_diagnosis(const message_contents& m) {
  return std::ranges::any_of(m.extensions, [](const extension& e) { return e.type == diagnostic_ping_extension; });
}

std::optional<leaf_set_state> state_beside_leave(const message_contents& m) {
  const auto e = std::ranges::find(m.extensions, leave_request::extension_type, &extension::type);
  if (e == m.extensions.end()) return std::nullopt;
  core::wire_reader content(e->content);
  auto state = leaf_set_state::read(content);
  if (!content.done()) return std::nullopt;
  return state;
}

message_contents answer_to(const received_request& r, core::bytes body = {}) {
  message_contents m;
  m.code = static_cast<std::uint16_t>(r.contents.code + 1);
  m.body = std::move(body);
  return m;
}

}  // namespace

void pastry::on_request(received_request r) {
  if (is_storage(r.contents.code)) return up_.on_request(std::move(r));
  const bool diagnosis = r.contents.code == code::ping_req && asks_for_diagnosis(r.contents);
  const auto critical = std::ranges::any_of(
      r.contents.extensions, [&](const extension& e) { return e.critical && !(diagnosis && e.type == diagnostic_ping_extension); });
  if (critical) return messenger_.respond(r, make_error(error_code::unknown_extension));
  switch (r.contents.code) {
    case code::attach_req:
      // To a Resource-ID goes the Attach of a joiner (s.11.4): clients know whom they attach to.
      if (r.resource && !r.signer.may_be_peer()) return refuse_client(r);
      return link_maker_.on_attach(r);
    case code::route_query_req: return on_route_query(std::move(r));
    case code::ping_req:
      if (diagnosis) return up_.on_request(std::move(r));
      return on_ping(r);
    case code::probe_req: return on_information(r);
    case code::path_track_req:
    case code::app_attach_req: return up_.on_request(std::move(r));
    case code::join_req:
    case code::leave_req:
    case code::update_req: break;
    default: return messenger_.respond(r, make_error(error_code::invalid_message, "unknown message code"));
  }
  if (r.contents.code != code::leave_req && !r.signer.may_be_peer()) return refuse_client(r);
  // Lists and TTL are not signed: what changes the topology counts only on a link whose peer is its signer.
  if (!r.direct) return messenger_.respond(r, make_error(error_code::forbidden, "not on a link of its signer"));
  if (r.contents.code == code::join_req) return on_join(r);
  if (r.contents.code == code::leave_req) return on_leave(r);
  on_update(r);
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
  if (!public_question) return up_.on_link_query(std::move(r), std::move(*q));
  route_query_answer a;
  a.next_peer = next_peer(q->target);
  a.type = q->type;
  if (q->type == query_type::rows) {
    a.rows = my_rows(q->first_row, q->last_row);
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
  const auto u = update_request::read(r.contents.body);
  if (!u) return messenger_.respond(r, make_error(error_code::invalid_message, u.error().message()));
  const auto n = r.signer.node();
  switch (u->type) {
    case update_type::active:
      learn(n, u->state);
      help(n, u->state);
      break;
    case update_type::rows: consider_rows(n, distance_to(n), u->rows); break;
    case update_type::supernodes: break;  // for ordinary nodes
    case update_type::synced: up_.on_synced(n, *u); break;
    case update_type::revocations: up_.on_revocations(n, u->content); break;
  }
  messenger_.respond(r, answer_to(r));
}

void pastry::on_ping(const received_request& r) {
  if (!check_ping_request(r.contents.body)) return messenger_.respond(r, make_error(error_code::invalid_message, "PingReq"));
  if (r.resource && delivered_) delivered_(*r.resource);
  const ping_answer a{core::random_u64(env_), core::unix_milliseconds(env_.wall_now())};
  messenger_.respond(r, answer_to(r, a.print()));
}

void pastry::on_information(const received_request& r) {
  const auto p = probe_request::read(r.contents.body);
  if (!p) return messenger_.respond(r, make_error(error_code::invalid_message, "ProbeReq"));
  probe_answer a;
  for (const auto type : p->requested) {
    if (type == static_cast<std::uint8_t>(probe_information::responsible_set)) {
      const auto nodes = static_cast<double>(ring_.leafs.members().size() + 1);  // exact while the whole ring is known
      a.values.emplace_back(probe_information::responsible_set, static_cast<std::uint32_t>(std::lround(1e9 / nodes)));
    } else if (type == static_cast<std::uint8_t>(probe_information::uptime)) {
      a.values.emplace_back(probe_information::uptime, static_cast<std::uint32_t>(uptime().count()));
    } else if (type == static_cast<std::uint8_t>(probe_information::num_resources)) {
      a.values.emplace_back(probe_information::num_resources,
                            static_cast<std::uint32_t>(std::min<std::uint64_t>(up_.resources_held(), ~std::uint32_t{0})));
    }
  }
  messenger_.respond(r, answer_to(r, a.print()));
}

}  // namespace phyllo::overlay

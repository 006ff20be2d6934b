#include "reload/config_update_message.hpp"
#include "reload/revocation_message.hpp"
#include "vectors/describe.hpp"

namespace phyllo::testing {

using namespace overlay;
namespace code = phyllo::overlay::code;

namespace {

json hexes(const std::vector<core::bytes>& list) {
  auto out = json::array();
  for (const auto& one : list) out.push_back(hex(core::byte_view(one)));
  return out;
}

json sync_values_in(core::byte_view content) {
  const auto all = sync_values::decode(content, known_kinds(), identity::trust("")).value();
  auto certificates = json::array();
  for (const auto& c : all.certificates) certificates.push_back(hex(c.der()));
  return {{"certificates", certificates}, {"values", each(all.values)}};
}

json sync_in(core::byte_view content) {
  const auto s = sync_request::decode(content).value();
  json out{{"arc", describe(s.where)}, {"view", hex(s.view)}, {"ask", static_cast<int>(s.ask)}};
  if (s.ask == sync_ask::compare) out["digest"] = hex(core::byte_view(s.content));
  if (s.ask == sync_ask::fetch) out["keys"] = each(decode_keys(s.content).value());
  if (s.ask == sync_ask::store) out.update(sync_values_in(s.content));
  return out;
}

json sync_answer_in(core::byte_view content) {
  const auto a = sync_answer::decode(content).value();
  json out{{"view", hex(a.view)}, {"kind", static_cast<int>(a.kind)}};
  if (a.kind == sync_reply::children) out["digests"] = each(decode_digests(a.content).value());
  if (a.kind == sync_reply::items) out["items"] = each(decode_items(a.content).value());
  if (a.kind == sync_reply::values) out.update(sync_values_in(a.content));
  return out;
}

json revocation_question_in(core::byte_view content) {
  const auto q = revocation_question::decode(content).value();
  return {{"number", q.number}, {"sought", q.sought}, {"share", q.share}, {"want", static_cast<int>(q.want)}, {"leaves", q.leaves}};
}

json revocation_answer_in(core::byte_view content) {
  const auto a = revocation_answer::decode(content).value();
  json out{{"number", a.number}, {"head", hex(core::byte_view(a.head))}, {"share", a.share}, {"gift", static_cast<int>(a.gift)}};
  if (a.gift != revocation_gift::leaves) {
    out["content"] = hex(core::byte_view(a.content));
    return out;
  }
  auto leaves = json::array();
  for (const auto& l : a.leaves) leaves.push_back({{"index", l.index}, {"entries", hex(core::byte_view(l.entries))}});
  out["leaves"] = leaves;
  return out;
}

json announcement_in(core::byte_view content) {
  const auto a = revocation_announcement::decode(content).value();
  return {{"head", hex(core::byte_view(a.head))}, {"share", a.share}, {"delta", hex(core::byte_view(a.delta))}};
}

json update_in(core::byte_view body) {
  const auto u = update_request::decode(body).value();
  json out{{"type", static_cast<int>(u.type)}};
  switch (u.type) {
    case update_type::active: out["state"] = describe(u.state); break;
    case update_type::rows: out["rows"] = each(u.rows); break;
    case update_type::supernodes: out["supernodes"] = each(u.supernodes); break;
    case update_type::synced:
      out["arc"] = describe(arc{u.first, u.last});
      out["view"] = hex(u.view);
      break;
    case update_type::revocations: out.update(announcement_in(u.content)); break;
  }
  return out;
}

json query_in(core::byte_view body) {
  const auto q = route_query_request::decode(body).value();
  json out{{"send_update", q.send_update}, {"destination", describe(q.target)}, {"type", static_cast<int>(q.type)}};
  switch (q.type) {
    case query_type::none: break;
    case query_type::probe: out["state"] = describe(q.state); break;
    case query_type::rows:
      out["first"] = q.first_row;
      out["last"] = q.last_row;
      break;
    case query_type::sync: out["sync"] = sync_in(q.content); break;
    case query_type::revocations: out.update(revocation_question_in(q.content)); break;
    case query_type::document: out["offset"] = core::wire_reader(q.content).u32(); break;
  }
  return out;
}

json query_answer_in(core::byte_view body) {
  const auto a = route_query_answer::decode(body).value();
  json out{{"next_peer", hex(a.next_peer)}, {"type", static_cast<int>(a.type)}};
  switch (a.type) {
    case query_type::none: break;
    case query_type::probe:
      out["state"] = describe(a.state);
      out["granted"] = each(a.granted);
      break;
    case query_type::rows:
      out["rows"] = each(a.rows);
      out["state"] = describe(a.state);
      break;
    case query_type::sync: out["sync"] = sync_answer_in(a.content); break;
    case query_type::revocations: out.update(revocation_answer_in(a.content)); break;
    case query_type::document: {
      const auto d = document_piece::decode(a.content).value();
      out.update({{"sequence", d.sequence}, {"size", d.size}, {"piece", hex(core::byte_view(d.piece))}});
    }
  }
  return out;
}

json offer_in(const std::string& ufrag, const std::string& password, const std::string& role, const std::vector<ice_candidate>& all) {
  return {{"ufrag", ufrag}, {"password", password}, {"role", role}, {"candidates", each(all)}};
}

json attach_in(core::byte_view body) {
  const auto a = attach_message::decode(body).value();
  auto out = offer_in(a.ufrag, a.password, a.role, a.candidates);
  out["send_update"] = a.send_update;
  return out;
}

json app_attach_in(core::byte_view body) {
  const auto a = app_attach_message::decode(body).value();
  auto out = offer_in(a.offer.ufrag, a.offer.password, a.offer.role, a.offer.candidates);
  out["application"] = a.application;
  return out;
}

json store_in(core::byte_view body) {
  const auto s = store_request::decode(body, known_kinds()).value();
  return {{"resource", hex(s.resource)}, {"replica_number", s.replica_number}, {"kinds", each(s.kinds)}};
}

json store_answer_in(core::byte_view body) { return {{"kinds", each(store_answer::decode(body).value().kinds)}}; }

json fetch_in(core::byte_view body) {
  const auto f = fetch_request::decode(body, known_kinds()).value();
  auto out = json::array();
  for (const auto& s : f.specifiers) {
    json one{{"kind", s.kind}, {"generation", s.generation}};
    const auto model = find_kind(known_kinds(), s.kind)->model;
    if (model == data_model::array) one["ranges"] = s.ranges;
    if (model == data_model::dictionary) one["keys"] = hexes(s.keys);
    out.push_back(one);
  }
  return {{"resource", hex(f.resource)}, {"specifiers", out}};
}

json fetch_answer_in(core::byte_view body) { return {{"kinds", each(fetch_answer::decode(body, known_kinds()).value().kinds)}}; }

json stat_answer_in(core::byte_view body) { return {{"kinds", each(stat_answer::decode(body, known_kinds()).value().kinds)}}; }

json find_in(core::byte_view body) {
  const auto f = find_request::decode(body).value();
  return {{"resource", hex(f.resource)}, {"kinds", f.kinds}};
}

json find_answer_in(core::byte_view body) {
  auto out = json::array();
  const auto found = find_answer::decode(body).value();
  for (const auto& [kind, closest] : found.results) out.push_back({{"kind", kind}, {"closest", hex(closest)}});
  return {{"results", out}};
}

json probe_answer_in(core::byte_view body) {
  auto out = json::array();
  const auto told = phyllo::overlay::probe_answer::decode(body).value();
  for (const auto& [type, value] : told.values) out.push_back({{"type", static_cast<int>(type)}, {"value", value}});
  return {{"values", out}};
}

json join_in(core::byte_view body) {
  const auto j = membership_request::decode(body).value();
  return {{"joining_peer_id", hex(j.node)}, {"state", describe(j.state)}};
}

json ping_answer_in(core::byte_view body) {
  const auto p = ping_answer::decode(body).value();
  return {{"response_id", hex(p.response_id)}, {"time", p.time_ms}};
}

json config_update_in(core::byte_view body) {
  const auto c = config_update_request::decode(body).value();
  if (c.type == config_update_type::config) return {{"type", 1}, {"document", c.document}};
  return {{"type", 2}, {"kinds", c.kinds}};
}

json path_track_in(core::byte_view body) {
  const auto p = path_track_request::decode(body).value();
  return {{"destination", describe(p.target)}, {"request", describe(p.request)}};
}

json path_track_answer_in(core::byte_view body) {
  const auto p = path_track_answer::decode(body).value();
  return {{"next_hop", describe(p.next_hop)}, {"response", describe(p.response)}};
}

json error_in(core::byte_view body) {
  message_contents m;
  m.code = code::error;
  m.body = core::to_bytes(body);
  const auto e = read_error(m).value();
  return {{"error_code", e.code}, {"error_info", hex(core::as_bytes(e.info))}};
}

}  // namespace

json describe_body(std::uint16_t c, core::byte_view body) {
  switch (c) {
    case code::probe_req: return {{"requested", probe_request::decode(body).value().requested}};
    case code::probe_req + 1: return probe_answer_in(body);
    case code::attach_req:
    case code::attach_req + 1: return attach_in(body);
    case code::store_req: return store_in(body);
    case code::store_req + 1: return store_answer_in(body);
    case code::fetch_req:
    case code::stat_req: return fetch_in(body);
    case code::fetch_req + 1: return fetch_answer_in(body);
    case code::stat_req + 1: return stat_answer_in(body);
    case code::find_req: return find_in(body);
    case code::find_req + 1: return find_answer_in(body);
    case code::join_req: return join_in(body);
    case code::join_req + 1: return {{"state", describe(decode_join_answer(body).value())}};
    case code::leave_req: return {{"leaving_peer_id", hex(leave_request::decode(body).value().node)}};
    case code::update_req: return update_in(body);
    case code::route_query_req: return query_in(body);
    case code::route_query_req + 1: return query_answer_in(body);
    case code::ping_req: return {{"padding", body.size() - 2}};
    case code::ping_req + 1: return ping_answer_in(body);
    case code::app_attach_req:
    case code::app_attach_req + 1: return app_attach_in(body);
    case code::config_update_req: return config_update_in(body);
    case code::path_track_req: return path_track_in(body);
    case code::path_track_req + 1: return path_track_answer_in(body);
    case code::error: return error_in(body);
    default: return json::object();  // LeaveAns, UpdateAns, ConfigUpdateAns
  }
}

}  // namespace phyllo::testing

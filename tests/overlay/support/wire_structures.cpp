#include "support/wire_structures.hpp"

#include "support/chord_generator.hpp"

namespace phyllo::testing {

using namespace overlay;

namespace {

template <class T>
std::optional<core::bytes> encoded(core::byte_view input) {
  const auto v = T::decode(input);
  if (!v) return std::nullopt;
  return v->encode();
}

// Of those that read values: by the table of Kinds. Ones of unknown Kinds are read, but not kept.
template <class T>
std::optional<core::bytes> encoded_by_kind(core::byte_view input) {
  const auto v = T::decode(input, known_kinds());
  if (!v) return std::nullopt;
  if constexpr (requires { v->unknown; }) {
    if (!v->unknown.empty()) return core::to_bytes(input);
  }
  return v->encode();
}

template <class T>
std::optional<core::bytes> streamed(core::byte_view input) {
  core::wire_reader r(input);
  const auto v = T::read(r);
  if (!r.done()) return std::nullopt;
  core::bytes out;
  core::wire_writer w(out);
  v.write(w);
  return out;
}

template <class T>
core::bytes written(const T& v) {
  core::bytes out;
  core::wire_writer w(out);
  v.write(w);
  return out;
}

std::optional<core::bytes> header_again(core::byte_view input) {
  const auto m = parse_header(input);
  if (!m) return std::nullopt;
  return m->header.message(m->payload);
}

std::optional<core::bytes> join_answer_again(core::byte_view input) {
  const auto s = decode_join_answer(input);
  if (!s) return std::nullopt;
  return encode_join_answer(*s);
}

std::optional<core::bytes> ping_again(core::byte_view input) {
  if (!check_ping_request(input)) return std::nullopt;
  return encode_ping_request(input.size() - 2);
}

std::optional<core::bytes> fetch_again(core::byte_view input) {
  const auto f = fetch_request::decode(input, known_kinds());
  if (!f) return std::nullopt;
  return f->unknown.empty() ? f->encode(known_kinds()) : core::to_bytes(input);
}

std::optional<core::bytes> error_again(core::byte_view input) {
  message_contents m;
  m.code = phyllo::overlay::code::error;
  m.body = core::to_bytes(input);
  const auto e = read_error(m);
  if (!e) return std::nullopt;
  return make_error(e->code, e->info).body;
}

std::optional<core::bytes> replica_state_again(core::byte_view input) {
  const auto s = phyllo::overlay::replica_state::decode(input);
  if (!s) return std::nullopt;
  return s->encode().content;
}

// The data model comes first, as the target has it.
std::optional<core::bytes> stored_data_again(core::byte_view input) {
  if (input.empty() || input[0] > 2) return std::nullopt;
  core::wire_reader r(input.subspan(1));
  const auto d = stored_data::read(r, static_cast<data_model>(input[0]));
  if (!r.done()) return std::nullopt;
  core::bytes out{input[0]};
  core::wire_writer w(out);
  d.write(w);
  return out;
}

core::bytes stored_data_of(message_generator& g) {
  const auto d = g.value(g.kind());
  core::bytes out{static_cast<std::uint8_t>(d.value.model)};
  core::wire_writer w(out);
  d.write(w);
  return out;
}

// The type comes first, as the target has it.
std::optional<core::bytes> storage_extension_again(core::byte_view input) {
  if (input.size() < 2) return std::nullopt;
  core::wire_reader r(input);
  const auto type = r.u16();
  const auto content = r.rest();
  const auto o = decode({{.type = type, .critical = false, .content = core::to_bytes(content)}});
  if (!o) return std::nullopt;
  const auto again = encode(*o);
  if (again.empty()) return core::to_bytes(input);  // not ours, and not critical: passed over
  core::bytes out;
  core::wire_writer w(out);
  w.u16(again.front().type);
  w.raw(again.front().content);
  return out;
}

core::bytes storage_extension_of(message_generator& g) {
  request_options o;
  switch (g.number(3)) {
    case 0: o.view = g.any(); break;
    case 1: o.quorum = true; break;
    case 2: o.if_absent = true; break;
    default: o.watch = watch_request{std::chrono::milliseconds(g.number(60'000)), g.id().octets};
  }
  const auto e = encode(o).front();
  core::bytes out;
  core::wire_writer w(out);
  w.u16(e.type);
  w.raw(e.content);
  return out;
}

std::optional<core::bytes> keys_again(core::byte_view input) {
  const auto keys = decode_keys(input);
  if (!keys) return std::nullopt;
  return encode_keys(*keys);
}

std::optional<core::bytes> items_again(core::byte_view input) {
  const auto items = decode_items(input);
  if (!items) return std::nullopt;
  return encode_items(*items);
}

// All that is read of a payload; it can not be printed again without its signer's key.
std::optional<core::bytes> payload_read(core::byte_view input) {
  if (!open_payload(input)) return std::nullopt;
  return core::to_bytes(input);
}

std::optional<core::bytes> record_again(core::byte_view input) {
  const auto r = record::parse(core::as_text(input));
  if (!r) return std::nullopt;
  return core::to_bytes(r->xml());
}

core::bytes sealed(message_generator& g) {
  const auto& codes = message_generator::codes();
  const auto m = g.contents(codes[g.number(codes.size() - 1)]);
  return seal_payload(m, 7, g.any(), g.self());
}

using generator = message_generator;
constexpr std::array structures{
    wire_structure{"forwarding header", "overlay_forwarding_header", [](generator& g) { return g.header(true).message(g.bytes(50)); },
                   header_again, true},
    wire_structure{"destination", "overlay_destination", [](generator& g) { return written(g.destination()); }, streamed<destination>},
    wire_structure{"payload", "overlay_payload", sealed, payload_read},
    wire_structure{"ErrorResponse", "overlay_error", [](generator& g) { return make_error(2, g.text(30)).body; }, error_again},
    wire_structure{"Attach", "overlay_attach", [](generator& g) { return g.attach().encode(); }, encoded<attach_message>},
    wire_structure{"AppAttach", "overlay_app_attach", [](generator& g) { return app_attach_message{5060, g.offer()}.encode(); },
                   encoded<app_attach_message>},
    wire_structure{"PingReq", "overlay_ping", [](generator& g) { return encode_ping_request(g.number(30)); }, ping_again},
    wire_structure{"PingAns", "overlay_ping", [](generator& g) { return ping_answer{g.any(), g.any()}.encode(); }, encoded<ping_answer>},
    wire_structure{"ProbeReq", "overlay_probe", [](generator& g) { return probe_request{g.bytes(9)}.encode(); }, encoded<probe_request>},
    wire_structure{"ProbeAns", "overlay_probe", [](generator& g) { return g.probe_answer().encode(); }, encoded<probe_answer>},
    wire_structure{"PathTrackReq", "overlay_path_track", [](generator& g) { return g.path_track().encode(); }, encoded<path_track_request>},
    wire_structure{"PathTrackAns", "overlay_path_track", [](generator& g) { return g.path_track_answer().encode(); },
                   encoded<path_track_answer>},
    wire_structure{"DiagnosticsRequest", "overlay_diagnostics", [](generator& g) { return g.path_track().request.encode(); },
                   encoded<diagnostics_request>},
    wire_structure{"DiagnosticsResponse", "overlay_diagnostics", [](generator& g) { return g.path_track_answer().response.encode(); },
                   encoded<diagnostics_response>},
    wire_structure{"ConfigUpdate", "overlay_config_update", [](generator& g) { return g.config_update().encode(); },
                   encoded<config_update_request>},
    wire_structure{"JoinReq", "overlay_membership", [](generator& g) { return g.membership().encode(); }, encoded<membership_request>},
    wire_structure{"LeaveReq", "overlay_membership", [](generator& g) { return leave_request{g.id()}.encode(); }, encoded<leave_request>},
    wire_structure{"JoinAns", "overlay_membership", [](generator& g) { return encode_join_answer(g.state()); }, join_answer_again},
    wire_structure{"UpdateReq", "overlay_update", [](generator& g) { return g.update().encode(); }, encoded<update_request>, true},
    wire_structure{"RouteQueryReq", "overlay_route_query", [](generator& g) { return g.route_query().encode(); },
                   encoded<route_query_request>},
    wire_structure{"RouteQueryAns", "overlay_route_query", [](generator& g) { return g.route_query_answer().encode(); },
                   encoded<route_query_answer>, true},
    wire_structure{"LeafSetState", "overlay_leaf_set_state", [](generator& g) { return written(g.state()); }, streamed<leaf_set_state>},
    wire_structure{"StoreReq", "overlay_store", [](generator& g) { return g.store().encode(); }, encoded_by_kind<store_request>},
    wire_structure{"StoreAns", "overlay_store", [](generator& g) { return g.store_answer().encode(); }, encoded<store_answer>},
    wire_structure{"FetchReq and StatReq", "overlay_fetch", [](generator& g) { return g.fetch().encode(known_kinds()); }, fetch_again},
    wire_structure{"FetchAns", "overlay_fetch", [](generator& g) { return g.fetch_answer().encode(); }, encoded_by_kind<fetch_answer>},
    wire_structure{"StatAns", "overlay_stat", [](generator& g) { return g.stat_answer().encode(); }, encoded_by_kind<stat_answer>},
    wire_structure{"FindReq", "overlay_find", [](generator& g) { return g.find().encode(); }, encoded<find_request>},
    wire_structure{"FindAns", "overlay_find", [](generator& g) { return g.find_answer().encode(); }, encoded<find_answer>},
    wire_structure{"StoredData", "overlay_stored_data", stored_data_of, stored_data_again},
    wire_structure{"storage extension", "overlay_extension", storage_extension_of, storage_extension_again},
    wire_structure{"replica_state", "overlay_extension", [](generator& g) { return g.replica_state().encode().content; },
                   replica_state_again},
    wire_structure{"SipRegistration", "overlay_sip_registration", [](generator& g) { return g.registration().encode(); },
                   encoded<sip_registration>},
    wire_structure{"TurnServer", "overlay_turn_server", [](generator& g) { return g.turn().encode(); }, encoded<turn_server>},
    wire_structure{"RedirServiceProvider", "overlay_redir_provider", [](generator& g) { return g.provider().encode(); },
                   encoded<redir_provider>},
    wire_structure{"ResourceKey", "overlay_resource_key", [](generator& g) { return g.resource_key().encode(); }, encoded<resource_key>},
    wire_structure{"record", "overlay_record", [](generator& g) { return core::to_bytes(g.record({"data", "a@example.com"}).xml()); },
                   record_again},
    wire_structure{"Sync", "overlay_sync", [](generator& g) { return g.sync().encode(); }, encoded<sync_request>},
    wire_structure{"SyncAns", "overlay_sync", [](generator& g) { return g.sync_answer().encode(); }, encoded<sync_answer>},
    wire_structure{"ItemKey", "overlay_sync",
                   [](generator& g) { return encode_keys({{g.id(), g.kind().id, g.bytes(20)}, {g.id(), 1, {}}}); }, keys_again, true},
    wire_structure{"Item", "overlay_sync",
                   [](generator& g) { return encode_items({{{g.id(), g.kind().id, g.bytes(20)}, {g.any(), {9}}}}); }, items_again, true},
    wire_structure{"Signature", "identity_signature", [](generator& g) { return written(g.signature()); }, streamed<identity::signature>},
    wire_structure{"ChordUpdate", "overlay_chord", [](generator& g) { return chord_update_of(g).encode(); }, encoded<chord_update>},
    wire_structure{"ChordLeaveData", "overlay_chord", [](generator& g) { return chord_leave_of(g).encode(); },
                   encoded<chord_leave_request>},
    wire_structure{"ChordJoinReq", "overlay_chord", [](generator& g) { return chord_join_request{g.id()}.encode(); },
                   encoded<chord_join_request>},
    wire_structure{"ChordRouteQueryReq", "overlay_chord", [](generator& g) { return chord_query_of(g).encode(); },
                   encoded<chord_route_query_request>},
    wire_structure{"ChordRouteQueryAns", "overlay_chord", [](generator& g) { return chord_route_query_answer{g.id()}.encode(); },
                   encoded<chord_route_query_answer>},
};

}  // namespace

std::span<const wire_structure> wire_structures() { return structures; }

}  // namespace phyllo::testing

#include "support/message_generator.hpp"

namespace phyllo::testing {

using namespace overlay;
namespace code = phyllo::overlay::code;

namespace {

constexpr std::uint64_t now_ms = 1'767'225'600'000;

resource_id last_of_ring() {
  resource_id id;
  id.octets.fill(0xfe);
  return id;
}

}  // namespace

message_generator::message_generator(std::uint64_t seed) : random_(seed) {
  using namespace std::chrono_literals;
  const auto now = core::from_unix_milliseconds(now_ms);
  ca_ = identity::authority::create("example CA", now - 24h);
  auto key = identity::private_key::generate();
  auto certificate = ca_->issue({id(), "alice@example.com", "example.org", {"example.com"}, now - 1h, now + 24h}, key.native()).value();
  self_ = identity::credential{std::move(certificate), std::move(key)};
}

core::bytes message_generator::bytes(std::size_t max) {
  core::bytes out(number(max));
  for (auto& b : out) b = static_cast<std::uint8_t>(number(255));
  return out;
}

std::string message_generator::text(std::size_t max) {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string out(1 + number(max - 1), ' ');
  for (auto& c : out) c = letters[number(letters.size() - 1)];
  return out;
}

node_id message_generator::id() {
  node_id n;
  for (auto& b : n.octets) b = static_cast<std::uint8_t>(1 + number(253));
  return n;
}

std::vector<node_id> message_generator::ids(std::size_t max) {
  std::vector<node_id> out(number(max));
  for (auto& n : out) n = id();
  return out;
}

phyllo::overlay::destination message_generator::destination() {
  switch (number(2)) {
    case 0: return destination::to_node(id());
    case 1: return destination::to_resource(id());
    default: return {destination_type::opaque, {}, bytes(20)};
  }
}

destination_list message_generator::route(std::size_t max) {
  destination_list out;
  for (std::uint64_t n = 1 + number(max - 1); n > 0; --n) out.push_back(destination::to_node(id()));
  return out;
}

forwarding_header message_generator::header(bool request) {
  forwarding_header h;
  h.overlay = identity::trust("example.org").overlay_hash();
  h.configuration_sequence = static_cast<std::uint16_t>(number(65535));
  h.ttl = static_cast<std::uint8_t>(number(100));
  h.transaction_id = any();
  h.max_response_length = request && coin() ? 65536 : 0;
  if (coin()) h.via = route(4);
  h.destinations = route(3);
  if (coin()) h.destinations.back() = destination::to_resource(id());
  for (std::uint64_t n = number(2); n > 0; --n) {
    // Not 2, which RFC 7263 has given a form.
    h.options.push_back({static_cast<std::uint8_t>(16 + number(100)), static_cast<std::uint8_t>(request ? number(7) : 0), bytes(30)});
  }
  return h;
}

transport::endpoint message_generator::endpoint() {
  const auto port = static_cast<std::uint16_t>(1 + number(65534));
  if (coin()) return {asio::ip::address_v4(static_cast<std::uint32_t>(any())), port};
  const auto left = id();
  asio::ip::address_v6::bytes_type octets{};
  std::ranges::copy(left.octets, octets.begin());
  return {asio::ip::address_v6(octets), port};
}

places message_generator::places(std::size_t max) {
  std::vector<transport::candidate> out(number(max));
  for (auto& p : out) p = {one_of({transport::link_kind::dtls, transport::link_kind::tls}), endpoint()};
  return select_places(out);  // a reader keeps no others
}

place_list message_generator::named(std::size_t nodes) {
  place_list out;
  for (std::size_t i = 0; i < nodes; ++i) out.add(places(named_places_max));
  return out;
}

std::vector<signed_grant> message_generator::grants(std::size_t most) {
  std::vector<signed_grant> out(number(most));
  for (auto& g : out) g = {id(), signature()};
  return out;
}

leaf_set_state message_generator::state() {
  leaf_set_state s{static_cast<std::uint32_t>(any()),
                   any(),
                   static_cast<std::uint8_t>(number(127)),
                   places(8),
                   ids(4),
                   ids(4),
                   ids(2),
                   {},
                   grants(grants_max)};
  if (coin()) s.named = named(s.left.size() + s.right.size());
  return s;
}

std::vector<table_row> message_generator::rows() {
  std::vector<table_row> out(number(3));
  for (auto& r : out) {
    r = {static_cast<std::uint8_t>(number(31)), ids(6), {}, {}};
    for (std::size_t i = 0; i < r.entries.size(); ++i) r.rtts.push_back(static_cast<std::uint32_t>(any()));
    r.named = named(r.entries.size());
  }
  return out;
}

update_request message_generator::update() {
  update_request u;
  u.type = one_of({update_type::active, update_type::rows, update_type::supernodes, update_type::synced, update_type::revocations});
  switch (u.type) {
    case update_type::active: u.state = state(); break;
    case update_type::rows: u.rows = rows(); break;
    case update_type::supernodes: u.supernodes = ids(5); break;
    case update_type::synced:
      u.first = id();
      u.last = last_of_ring();
      u.view = any();
      break;
    case update_type::revocations: u.content = bytes(100);
  }
  return u;
}

route_query_request message_generator::route_query() {
  route_query_request q;
  q.send_update = coin();
  q.target = destination();
  q.type = one_of({query_type::none, query_type::probe, query_type::rows, query_type::sync, query_type::revocations, query_type::document});
  if (q.type == query_type::probe) q.state = state();
  if (q.type == query_type::rows) q.last_row = static_cast<std::uint8_t>(number(31));
  if (q.type == query_type::sync) q.content = sync().encode();
  if (q.type == query_type::revocations || q.type == query_type::document) q.content = bytes(100);
  return q;
}

route_query_answer message_generator::route_query_answer() {
  phyllo::overlay::route_query_answer a;
  a.next_peer = id();
  a.type = one_of({query_type::none, query_type::probe, query_type::rows, query_type::sync, query_type::revocations, query_type::document});
  if (a.type == query_type::probe || a.type == query_type::rows) a.state = state();
  if (a.type == query_type::probe) a.granted = grants(1);
  if (a.type == query_type::rows) a.rows = rows();
  if (a.type == query_type::sync) a.content = sync_answer().encode();
  if (a.type == query_type::revocations || a.type == query_type::document) a.content = bytes(100);
  return a;
}

ice_candidate message_generator::candidate() {
  ice_candidate c;
  c.at = endpoint();
  c.overlay_link = one_of<std::uint8_t>({1, 3, 4});
  c.foundation = text(4);
  c.priority = static_cast<std::uint32_t>(any());
  c.type = one_of({candidate_type::host, candidate_type::server_reflexive, candidate_type::relay});
  if (c.type != candidate_type::host) c.related = endpoint();
  for (std::uint64_t n = number(2); n > 0; --n) c.extensions.push_back({text(8), text(8)});
  return c;
}

application_offer message_generator::offer() {
  application_offer o{text(8), text(24), one_of<std::string>({"active", "passive", "actpass"}), {candidate()}};
  for (std::uint64_t n = number(3); n > 0; --n) o.candidates.push_back(candidate());
  return o;
}

attach_message message_generator::attach() {
  auto o = offer();
  return {std::move(o.ufrag), std::move(o.password), std::move(o.role), std::move(o.candidates), coin()};
}

config_update_request message_generator::config_update() {
  if (coin()) return {config_update_type::config, "<overlay><configuration>" + text(200) + "</configuration></overlay>", {}};
  return {config_update_type::kind, {}, {"<kind-block>" + text(40) + "</kind-block>", "<kind-block/>"}};
}

std::vector<diagnostic> message_generator::diagnostics() {
  std::vector<diagnostic> out(number(3));
  for (auto& d : out) d = {static_cast<std::uint16_t>(0xf000 + number(0xff)), bytes(12)};
  return out;
}

path_track_request message_generator::path_track() { return {destination(), {now_ms + 5000, now_ms, any(), diagnostics()}}; }

path_track_answer message_generator::path_track_answer() {
  return {destination::to_node(id()), {now_ms + 5000, now_ms, now_ms + 3, static_cast<std::uint8_t>(number(100)), diagnostics()}};
}

probe_answer message_generator::probe_answer() {
  phyllo::overlay::probe_answer a;
  for (const auto type : {probe_information::responsible_set, probe_information::num_resources, probe_information::uptime}) {
    if (coin()) a.values.emplace_back(type, static_cast<std::uint32_t>(any()));
  }
  return a;
}

const phyllo::overlay::kind& message_generator::kind() { return known_kinds()[number(known_kinds().size() - 1)]; }

sip_registration message_generator::registration() {
  sip_registration s;
  s.type = one_of({sip_registration_type::uri, sip_registration_type::route});
  if (s.type == sip_registration_type::uri) {
    s.uri = text(10) + "@example.com";
  } else {
    s.contact_prefs = "(sip.schemes=SIPS)";
    s.route = route(3);
  }
  return s;
}

redir_provider message_generator::provider() {
  const auto level = static_cast<std::uint16_t>(number(redir_level_max));
  return {0, route(2), redir_place::of(text(12), level, id()), bytes(8)};
}

resource_key message_generator::resource_key() {
  phyllo::overlay::resource_key k{coin() ? key_form::owner : key_form::domain, id().octets, {text(9), text(8) + "@example.com"}};
  return k;
}

phyllo::overlay::record message_generator::record(const name& n) {
  phyllo::overlay::record r;
  r.name = n;
  r.timestamp_ms = now_ms;
  for (std::uint64_t c = number(2); c > 0; --c) {
    location l;
    l.node_ip = endpoint().address.to_string();
    l.transports = {"UDP5060", "TLS5061"};
    l.contact = "sip:" + text(8) + "@192.0.2.1";
    l.instance = "urn:uuid:" + text(12);
    if (coin()) l.node = id();
    if (coin()) l.path = {"sip:" + text(8) + "@192.0.2.2;lr"};
    r.locations.push_back(std::move(l));
  }
  r.value = text(40);
  return r;
}

identity::signature message_generator::signature() {
  identity::signature s;
  const auto& fingerprint = self_->certificate.fingerprint();
  s.identity_value = {4, 32};
  s.identity_value.insert(s.identity_value.end(), fingerprint.begin(), fingerprint.end());
  s.value = core::bytes(64);
  for (auto& b : s.value) b = static_cast<std::uint8_t>(number(255));
  return s;
}

stored_data message_generator::value(const phyllo::overlay::kind& k) {
  stored_data d;
  d.storage_time = now_ms + number(10'000);
  d.lifetime = static_cast<std::uint32_t>(number(86400));
  d.value.model = k.model;
  if (k.model == data_model::array) d.value.index = static_cast<std::uint32_t>(number(20));
  const auto key = resource_key();
  const auto owner = self_->certificate.node().octets;
  if (k.model == data_model::dictionary) d.value.key = k.id == resource_kind.id ? key.encode() : core::bytes(owner.begin(), owner.end());
  d.value.exists = number(4) > 0;
  d.signature = signature();
  if (!d.value.exists) return d;
  switch (k.id) {
    case resource_kind.id: d.value.value = core::to_bytes(record(key.name).xml()); break;
    case kind_number::sip_registration: d.value.value = registration().encode(); break;
    case kind_number::turn_service: d.value.value = turn().encode(); break;
    case kind_number::redir: d.value.value = provider().encode(); break;
    default: d.value.value = core::to_bytes(self_->certificate.der());
  }
  return d;
}

store_request message_generator::store() {
  store_request s;
  s.resource = id();
  s.replica_number = static_cast<std::uint8_t>(number(5));
  for (const auto& k : known_kinds()) {
    if (!coin() && !s.kinds.empty()) continue;
    s.kinds.push_back({.kind = k.id, .generation = 1 + number(99), .values = {}});
    for (std::uint64_t n = k.model == data_model::single ? 1 : 1 + number(2); n > 0; --n) s.kinds.back().values.push_back(value(k));
  }
  return s;
}

store_answer message_generator::store_answer() {
  phyllo::overlay::store_answer a;
  for (const auto& k : known_kinds()) a.kinds.push_back({.kind = k.id, .generation = any(), .replicas = ids(5)});
  return a;
}

fetch_request message_generator::fetch() {
  fetch_request f;
  f.resource = id();
  for (const auto& k : known_kinds()) {
    auto s = everything_of(k);
    s.generation = coin() ? any() : 0;
    if (k.model == data_model::array && coin()) s.ranges = {{0, 3}, {7, 0xffffffff}};
    if (k.model == data_model::dictionary && keyed_fetches && coin()) s.keys = {bytes(16), bytes(16)};
    f.specifiers.push_back(std::move(s));
  }
  return f;
}

fetch_answer message_generator::fetch_answer() {
  phyllo::overlay::fetch_answer a;
  for (const auto& k : known_kinds()) {
    a.kinds.push_back({.kind = k.id, .generation = any(), .values = {}});
    for (std::uint64_t n = number(2); n > 0; --n) a.kinds.back().values.push_back(value(k));
    if (!absent_values || coin()) continue;
    const auto key = k.model == data_model::dictionary ? core::to_bytes(id().octets) : core::bytes();
    a.kinds.back().values.push_back(nonexistent(k.model, key));
  }
  return a;
}

stat_answer message_generator::stat_answer() {
  phyllo::overlay::stat_answer a;
  for (const auto& k : fetch_answer().kinds) {
    a.kinds.push_back({.kind = k.kind, .generation = k.generation, .values = {}});
    for (const auto& d : k.values) a.kinds.back().values.push_back(stored_metadata::of(d, d.lifetime));
  }
  return a;
}

sync_request message_generator::sync() {
  sync_request s{
      .where = {id(), last_of_ring()}, .view = any(), .ask = one_of({sync_ask::compare, sync_ask::fetch, sync_ask::store}), .content = {}};
  if (s.ask == sync_ask::compare) s.content = core::bytes(16);
  if (s.ask == sync_ask::fetch) s.content = encode_keys({{id(), kind().id, bytes(20)}, {id(), kind().id, {}}});
  if (s.ask == sync_ask::store) {
    const auto& k = kind();
    s.content = sync_values{{self_->certificate}, {{id(), k.id, any(), value(k)}}}.encode();
  }
  return s;
}

sync_answer message_generator::sync_answer() {
  phyllo::overlay::sync_answer a{
      .view = any(), .kind = one_of({sync_reply::same, sync_reply::children, sync_reply::items, sync_reply::values}), .content = {}};
  if (a.kind == sync_reply::children) a.content = encode_digests({{1, 2, 3}, {4, 5, 6}});
  if (a.kind == sync_reply::items) a.content = encode_items({{{id(), kind().id, bytes(20)}, {any(), {9}}}});
  if (a.kind == sync_reply::values) {
    const auto& k = kind();
    a.content = sync_values{{self_->certificate}, {{id(), k.id, any(), value(k)}}}.encode();
  }
  return a;
}

const std::vector<std::uint16_t>& message_generator::codes() {
  static const std::vector<std::uint16_t> all = [] {
    std::vector<std::uint16_t> out;
    for (const auto request : {code::probe_req, code::attach_req, code::store_req, code::fetch_req, code::find_req, code::join_req,
                               code::leave_req, code::update_req, code::route_query_req, code::ping_req, code::stat_req,
                               code::app_attach_req, code::config_update_req, code::path_track_req}) {
      out.push_back(request);
      out.push_back(static_cast<std::uint16_t>(request + 1));
    }
    out.push_back(code::error);
    return out;
  }();
  return all;
}

core::bytes message_generator::body(std::uint16_t c) {
  switch (c) {
    case code::probe_req: return probe_request{{1, 2, 3}}.encode();
    case code::probe_req + 1: return probe_answer().encode();
    case code::attach_req:
    case code::attach_req + 1: return attach().encode();
    case code::store_req: return store().encode();
    case code::store_req + 1: return store_answer().encode();
    case code::fetch_req:
    case code::stat_req: return fetch().encode(known_kinds());
    case code::fetch_req + 1: return fetch_answer().encode();
    case code::stat_req + 1: return stat_answer().encode();
    case code::find_req: return find().encode();
    case code::find_req + 1: return find_answer().encode();
    case code::join_req: return membership().encode();
    case code::leave_req: return leave_request{id()}.encode();
    case code::join_req + 1: return encode_join_answer(state());
    case code::update_req: return update().encode();
    case code::route_query_req: return route_query().encode();
    case code::route_query_req + 1: return route_query_answer().encode();
    case code::ping_req: return encode_ping_request(number(40));
    case code::ping_req + 1: return ping_answer{any(), now_ms}.encode();
    case code::app_attach_req:
    case code::app_attach_req + 1: return app_attach_message{5060, offer()}.encode();
    case code::config_update_req: return config_update().encode();
    case code::path_track_req: return path_track().encode();
    case code::path_track_req + 1: return path_track_answer().encode();
    default: return {};  // LeaveAns, UpdateAns, ConfigUpdateAns
  }
}

message_contents message_generator::error() {
  const auto e = static_cast<std::uint16_t>(2 + number(0x18));
  auto info = text(30);
  // These two say what is wrong in a structure.
  if (e == error_code::generation_counter_too_low) info = core::as_text(store_answer().encode());
  if (e == error_code::unknown_kind) info = std::string("\x08\0\0\0\x77\0\0\0\x78", 9);
  return make_error(e, info);
}

message_contents message_generator::contents(std::uint16_t c) {
  if (c == code::error) return error();
  message_contents m;
  m.code = c;
  m.body = body(c);
  if (c == code::fetch_req || c == code::store_req)
    m.extensions = encode(request_options{.view = any(), .quorum = coin(), .if_absent = coin()});
  if (c == code::fetch_req + 1 || c == code::stat_req + 1) m.extensions.push_back(replica_state().encode());
  if (coin()) m.extensions.push_back({.type = static_cast<std::uint16_t>(0x8000 + number(100)), .critical = coin(), .content = bytes(20)});
  return m;
}

}  // namespace phyllo::testing

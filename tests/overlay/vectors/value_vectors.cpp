#include "vectors/value_vectors.hpp"

#include <algorithm>

#include "kinds/redir_provider.hpp"
#include "kinds/resource_key.hpp"
#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
#include "phyllo/identity/digest.hpp"
#include "storage/digest_tree.hpp"
#include "storage/live_state.hpp"
#include "storage/replica_set.hpp"

namespace phyllo::testing {

using namespace overlay;

namespace {

constexpr std::uint32_t lifetime_s = 3600;
const name location_name{"user location", "alice@example.com"};

stored_data signed_value(const placed_value& at, data_value v, const player& by) {
  stored_data d{.storage_time = vectors_ms, .lifetime = lifetime_s, .value = std::move(v), .signature = {}};
  sign(d, at.resource, at.kind, by.credential);
  return d;
}

location phone(std::uint8_t number) {
  location l;
  l.node_ip = "192.0.2." + std::to_string(number);
  l.transports = {"UDP5060", "TLS5061"};
  l.node = vector_id(0x10);
  l.contact = "sip:alice@198.51.100." + std::to_string(number) + ":5060;transport=udp";
  l.path = {"sip:token@192.0.2.1;lr"};
  l.instance = "urn:uuid:00000000-0000-1000-8000-00000000000" + std::to_string(number);
  l.features = ";audio;+sip.ice";
  l.reg_id = 1;
  l.q = 0.5;
  l.expires_at_ms = vectors_ms + 1000 * lifetime_s;
  return l;
}

record location_record(std::uint8_t number) {
  record r{.name = location_name, .lifetime_s = lifetime_s, .timestamp_ms = vectors_ms, .locations = {phone(number)}, .value = {}};
  return r;
}

placed_value resource_value(std::string what, const resource_key& key, const record& r, const player& by) {
  placed_value p{std::move(what), key.name.key(), phyllo::overlay::resource_kind.id, {}};
  data_value v;
  v.key = key.encode();
  v.value = core::to_bytes(r.xml());
  p.data = signed_value(p, std::move(v), by);
  return p;
}

placed_value location_value(std::uint8_t number, const cast& c) {
  const auto r = location_record(number);
  return resource_value("a phone's location, under the domain's authority (form 2); binding: of its instance and reg-id",
                        {key_form::domain, binding_of(r.locations.front()), location_name}, r, c.alice);
}

placed_value note_value(const cast& c) {
  record r{.name = {"note", "bob@example.com"}, .lifetime_s = lifetime_s, .timestamp_ms = vectors_ms, .locations = {}, .value = "a & b"};
  return resource_value("a note by its owner (form 1); binding: the signer's Node-ID", {key_form::owner, c.bob.node.octets, r.name}, r,
                        c.bob);
}

placed_value removed_value(const cast& c) {
  const resource_key key{key_form::domain, binding_of(phone(3)), location_name};
  placed_value p{"the removal of a location (a tombstone)", location_name.key(), phyllo::overlay::resource_kind.id, {}};
  data_value v;
  v.key = key.encode();
  v.exists = false;
  p.data = signed_value(p, std::move(v), c.alice);
  return p;
}

placed_value registration_value(const cast& c) {
  placed_value p{"SIP-REGISTRATION: a route to the user's node (RFC 7904)", user_resource(c.alice.user), kind_number::sip_registration, {}};
  sip_registration s;
  s.contact_prefs = "(sip.schemes=SIPS)";
  s.route = {destination::to_node(c.alice.node)};
  data_value v;
  v.key = core::to_bytes(c.alice.node.octets);
  v.value = s.encode();
  p.data = signed_value(p, std::move(v), c.alice);
  return p;
}

placed_value turn_value(const cast& c) {
  placed_value p{"TURN-SERVICE, iteration 1", multiple_resource(c.bob.node, 1), kind_number::turn_service, {}};
  data_value v;
  v.model = data_model::single;
  v.value = turn_server{1, {asio::ip::make_address("192.0.2.30"), 3478}}.encode();
  p.data = signed_value(p, std::move(v), c.bob);
  return p;
}

placed_value certificate_value(const cast& c) {
  placed_value p{
      "CERTIFICATE_BY_NODE; the index counts as zero in what is signed", node_resource(c.bob.node), kind_number::certificate_by_node, {}};
  data_value v;
  v.model = data_model::array;
  v.index = 3;
  v.value = core::to_bytes(c.bob.credential.certificate.der());
  p.data = signed_value(p, std::move(v), c.bob);
  return p;
}

placed_value redir_value(const cast& c) {
  const auto place = redir_place::of("turn", redir_level_start, c.alice.node);
  placed_value p{"REDIR (RFC 7374)", place.resource(), kind_number::redir, {}};
  data_value v;
  v.key = core::to_bytes(c.alice.node.octets);
  v.value = redir_provider{0, {destination::to_node(c.alice.node)}, place, {}}.encode();
  p.data = signed_value(p, std::move(v), c.alice);
  return p;
}

core::bytes encoded(const stored_data& d) {
  core::bytes out;
  core::wire_writer w(out);
  d.write(w);
  return out;
}

json key_fields(const resource_key& k) {
  return {
      {"form", static_cast<int>(k.form)}, {"binding", hex(core::byte_view(k.binding))}, {"type", k.name.type}, {"subject", k.name.subject}};
}

json describe_value(const placed_value& p, const cast& c) {
  json out{{"what", p.what}, {"resource", hex(p.resource)}, {"kind", p.kind}};
  if (p.kind == phyllo::overlay::resource_kind.id) {
    const auto key = resource_key::decode(p.data.value.key).value();
    out["name"] = key.name.text();
    out["dictionary_key"] = key_fields(key);
    if (p.data.value.exists) out["xml"] = core::as_text(p.data.value.value);
  }
  for (const auto* who : c.all()) {
    if (verify(p.data, p.resource, p.kind, who->credential.certificate)) out["signer"] = who->name;
  }
  out["hex"] = hex(core::byte_view(encoded(p.data)));
  out["fields"] = describe(p.data);
  out["signature_input"] = hex(core::byte_view(signature_input(p.resource, p.kind, p.data)));
  out["version_hash"] = hex(core::byte_view(p.data.version().hash));
  return out;
}

json describe_name(std::string_view text) {
  const auto n = name::parse(text).value();
  return {{"text", text}, {"type", n.type}, {"subject", n.subject}, {"name", n.text()}, {"resource_id", hex(n.key())}};
}

replica_store filled(const cast& c) {
  replica_store s(known_kinds(), {});
  for (const auto& p : vector_values(c)) {
    for (const auto* who : c.all()) {
      const auto& certificate = who->credential.certificate;
      if (verify(p.data, p.resource, p.kind, certificate)) s.put(p.resource, p.kind, p.data, certificate, core::time_point());
    }
  }
  return s;
}

json describe_digest(const replica_store& store, const arc& a) {
  return {{"arc", describe(a)}, {"digest", describe(arc_digest(store, a))}};
}

std::vector<member> members_of(std::size_t count) {
  // Even distances, so that there are ties; and one odd.
  static const std::vector<node_id> places{vector_id(0x10), vector_id(0x30), vector_id(0x50, 1), vector_id(0x70),
                                           vector_id(0x90), vector_id(0xb0), vector_id(0xd0)};
  std::vector<member> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({.node = places[i], .incarnation = 1'767'225'600 + static_cast<std::uint32_t>(i), .active = true, .suspect = false});
  }
  return out;
}

json members_json(const std::vector<member>& list) {
  auto out = json::array();
  for (const auto& m : list) out.push_back({{"node", hex(m.node)}, {"incarnation", m.incarnation}});
  return out;
}

json keys_of(const replica_sets& sets, const std::vector<resource_id>& keys) {
  auto out = json::array();
  for (const auto& key : keys) {
    auto members = json::array();
    for (const auto& m : sets.set(key)) members.push_back(hex(m.node));
    out.push_back({{"key", hex(key)}, {"root", hex(sets.root(key).value())}, {"set", members}, {"view", hex(sets.view(key))}});
  }
  return out;
}

json ring_of(std::size_t count, std::string_view what) {
  const auto members = members_of(count);
  const replica_sets sets(members.front().node, members, 32, 5);
  auto arcs = json::array();
  for (const auto& a : sets.arcs()) {
    auto one = describe(a);
    one["view"] = hex(sets.view(a).value());
    arcs.push_back(one);
  }
  const auto keys = keys_of(
      sets, {vector_id(0), vector_id(0x10), vector_id(0x20), vector_id(0x40), vector_id(0x40, 1), vector_id(0xf0), location_name.key()});
  return {{"what", what}, {"k", 5}, {"members", members_json(members)}, {"keys", keys}, {"arcs", arcs}};
}

}  // namespace

std::vector<placed_value> vector_values(const cast& c) {
  std::vector<placed_value> all{location_value(1, c),  location_value(2, c), removed_value(c),     note_value(c),
                                registration_value(c), turn_value(c),        certificate_value(c), redir_value(c)};
  std::ranges::sort(all, {}, [](const placed_value& p) { return item_key{p.resource, p.kind, p.data.value.entry()}; });
  return all;
}

json value_vectors(const cast& c) {
  auto names = json::array();
  for (const auto* text : {"alice@example.com", "note:bob@Example.COM", "user location:alice@example.com", "proxy location:example.com"}) {
    names.push_back(describe_name(text));
  }
  auto values = json::array();
  for (const auto& p : vector_values(c)) values.push_back(describe_value(p, c));
  return {{"about",
           "Names and their Resource-IDs (record.md); values as StoredData (RFC 6940 s.7), with what their signatures are over (but for "
           "SignerIdentity, which follows) and the hash of their version (storage.md s.1)."},
          {"names", names},
          {"values", values}};
}

json watch_vectors(const cast& c) {
  live_state state;
  auto values = json::array();
  for (const auto& p : vector_values(c)) {
    if (p.resource != location_name.key()) continue;
    state.add(p.kind, p.data, p.data.version(), p.data.lifetime);
    values.push_back(hex(core::byte_view(encoded(p.data))));
  }
  return {{"about",
           "The state of a name (storage.md, N): of each value that exists, in the order of Kinds and entries, kind, entry, storage time, "
           "hash of "
           "the version. The removed one does not count."},
          {"name", location_name.text()},
          {"kind", phyllo::overlay::resource_kind.id},
          {"values", values},
          {"state", hex(core::byte_view(state.digest()))},
          {"state_of_nothing", hex(core::byte_view(live_state().digest()))}};
}

json digest_vectors(const cast& c) {
  const auto store = filled(c);
  auto items = json::array();
  for (const auto& item : list_items(store, whole_ring(), 1'000'000)) {
    auto one = describe(item);
    one["digest"] = describe(store.find(item.key)->digest);
    items.push_back(one);
  }
  auto children = json::array();
  for (const auto& part : split(whole_ring())) children.push_back(describe_digest(store, part));
  auto parts = json::array();
  for (const auto& part : split({vector_id(0, 5), vector_id(0, 40)})) parts.push_back(describe(part));
  return {{"about",
           "The values of values.json as storage compares them (storage.md, S): the digest of each, of the whole ring and of its sixteen "
           "parts; "
           "and how an arc of 36 points is cut."},
          {"items", items},
          {"whole", describe_digest(store, whole_ring())},
          {"children", children},
          {"parts_of_5_to_40", parts}};
}

json ring_vectors() {
  return {
      {"about",
       "Replica sets, views and arcs (storage.md s.1) of rings whose members are all known: the first octet of a Node-ID and the last tell "
       "where it is, zeros stand between."},
      {"rings", json::array({ring_of(7, "seven members: sets of five, seven arcs and the cut at zero"),
                             ring_of(5, "five members: everybody is in every set"), ring_of(3, "three members")})}};
}

}  // namespace phyllo::testing

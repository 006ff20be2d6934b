#include "vectors/message_vectors.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "reload/attach_stamp.hpp"
#include "reload/config_update_message.hpp"
#include "reload/revocation_message.hpp"
#include "storage/storage_extension.hpp"
#include "vectors/identity_vectors.hpp"

namespace phyllo::testing {

using namespace overlay;
namespace code = phyllo::overlay::code;

namespace {

constexpr std::uint64_t view_of_example = 0x0123456789abcdef;

// Makes messages one after the other, each with a transaction id of its own; an answer has that of the request before it.
class message_book {
 public:
  explicit message_book(const cast& c) : c_(c) {}

  void request(std::string_view what, message_contents m, const player& by, destination to) {
    ++transaction_;
    forwarding_header h;
    h.max_response_length = m.code == code::fetch_req ? 65536 : 0;
    h.destinations = {std::move(to)};
    add(what, m, by, std::move(h));
  }
  // Of bob to alice: the via list has grown by one node on the way.
  void answer(std::string_view what, message_contents m) {
    forwarding_header h;
    h.via = {destination::to_node(c_.bob.node)};
    h.destinations = {destination::to_node(vector_id(0x20)), destination::to_node(c_.alice.node)};
    add(what, m, c_.bob, std::move(h));
  }
  // A request with everything that a header can hold.
  void with_options(message_contents m) {
    ++transaction_;
    forwarding_header h;
    h.max_response_length = 8192;
    h.via = {destination::to_node(c_.alice.node), destination::to_node(vector_id(0x20))};
    h.destinations = {destination::to_node(vector_id(0x40)), destination::to_resource(vector_id(0x55))};
    h.options = {{0x80, forwarding_option::response_copy, {1, 2, 3}}};
    add("a Ping to a Resource-ID by a source route, with a forwarding option to be copied", m, c_.alice, std::move(h));
  }
  [[nodiscard]] json take() { return std::exchange(messages_, json::array()); }

 private:
  void add(std::string_view what, const message_contents& m, const player& by, forwarding_header h) {
    h.overlay = c_.overlay_hash();
    h.configuration_sequence = m.code == code::config_update_req ? any_sequence : std::uint16_t{7};
    h.ttl = 30;
    h.transaction_id = transaction_;
    const auto whole = h.message(seal_payload(m, h.overlay, h.transaction_id, by.credential));
    const auto parsed = parse_header(whole).value();
    const auto opened = open_payload(parsed.payload).value();
    auto certificates = json::array();
    for (const auto& der : opened.certificates) {
      certificates.push_back(hex(core::byte_view(identity::certificate::from_der(der).value().fingerprint())));
    }
    messages_.push_back({{"what", what},
                         {"code", m.code},
                         {"method", code_name(m.code)},
                         {"signer", by.name},
                         {"hex", hex(core::byte_view(whole))},
                         {"header", describe(parsed.header)},
                         {"body", describe_body(m.code, opened.contents.body)},
                         {"extensions", each(opened.contents.extensions)},
                         {"certificates", certificates},
                         {"signature", describe(opened.signature)}});
  }

  const cast& c_;
  std::uint64_t transaction_ = 0x1000;
  json messages_ = json::array();
};

message_contents contents(std::uint16_t c, core::bytes body, std::vector<extension> extensions = {}) {
  return {.code = c, .body = std::move(body), .extensions = std::move(extensions), .certificates = {}};
}

const player& signer_of(const placed_value& v, const cast& c) {
  for (const auto* p : c.all()) {
    if (verify(v.data, v.resource, v.kind, p->credential.certificate)) return *p;
  }
  std::abort();  // they are all signed by somebody
}

// Of values inside: their signers' certificates go with them.
message_contents with_signer(message_contents m, const placed_value& v, const cast& c) {
  m.certificates = {signer_of(v, c).credential.certificate};
  return m;
}

placed_value location_of(const cast& c) {
  const auto all = vector_values(c);
  return *std::ranges::find_if(all, [](const placed_value& v) { return v.kind == phyllo::overlay::resource_kind.id; });
}

// What storage asks beyond the RFC, one thing at a time.
request_options under_view(std::uint64_t view) {
  request_options o;
  o.view = view;
  return o;
}

request_options asks(bool quorum, bool if_absent) {
  request_options o;
  o.quorum = quorum;
  o.if_absent = if_absent;
  return o;
}

request_options watching(const watch_request& w) {
  request_options o;
  o.watch = w;
  return o;
}

places places_at(std::string_view address) {
  const auto at = asio::ip::make_address(address);
  return {{transport::link_kind::dtls, {at, 6084}}, {transport::link_kind::tls, {at, 6084}}};
}

constexpr std::uint32_t incarnation = 1'767'225'600;

leaf_set_state state_of_example(const cast& c, std::uint8_t flags) {
  leaf_set_state s;
  s.incarnation = incarnation;
  s.clock_ms = vectors_ms;
  s.flags = flags;
  s.own = places_at("192.0.2.1");
  s.left = {c.login.node, vector_id(0xb0)};
  s.right = {c.bob.node};
  s.failed = {vector_id(0x70)};
  for (const auto* address : {"192.0.2.13", "2001:db8::11", "192.0.2.3"}) s.named.add(places_at(address));
  return s;
}

// What a node says that is not yet in the ring: nothing of others.
leaf_set_state joiner_state(std::uint8_t flags) {
  leaf_set_state s;
  s.incarnation = incarnation;
  s.clock_ms = vectors_ms;
  s.flags = flags;
  s.own = places_at("192.0.2.1");
  return s;
}

signed_grant grant_of_bob(const cast& c) {
  return signed_grant::make(c.bob.credential, {.overlay = c.overlay_hash(), .joiner = c.alice.node, .incarnation = incarnation});
}

table_row row_of_example(const cast& c) {
  table_row r;
  r.row = 0;
  r.entries = {c.bob.node, c.login.node};
  r.rtts = {1500, 0};
  r.named.add(places_at("192.0.2.3"));
  r.named.add(places_at("192.0.2.13"));
  return r;
}

void add_plain(message_book& b, const cast& c) {
  const auto bob = destination::to_node(c.bob.node);
  b.request("Ping with four octets of padding", contents(code::ping_req, encode_ping_request(4)), c.alice, bob);
  b.answer("Ping's answer", contents(code::ping_req + 1, ping_answer{0x1122334455667788, vectors_ms}.encode()));
  b.with_options(contents(code::ping_req, encode_ping_request(0)));
  b.request("Probe for all that is known", contents(code::probe_req, probe_request{{1, 2, 3}}.encode()), c.carol, bob);
  probe_answer probed;
  probed.values = {
      {probe_information::responsible_set, 142'857'143}, {probe_information::num_resources, 12}, {probe_information::uptime, 3600}};
  b.answer("Probe's answer", contents(code::probe_req + 1, probed.encode()));
  b.request("Find of two Kinds", contents(code::find_req, find_request{vector_id(0x42), {1, 0xF0000001}}.encode()), c.alice,
            destination::to_resource(vector_id(0x42)));
  b.answer("Find's answer: none of the first",
           contents(code::find_req + 1, find_answer{{{1, {}}, {0xF0000001, vector_id(0x41)}}}.encode()));
  b.request("ConfigUpdate with a document (its sequence in the header is 65535)",
            contents(code::config_update_req, config_update_request{config_update_type::config, vector_document(c), {}}.encode()), c.login,
            bob);
  b.answer("ConfigUpdate's answer is empty", contents(code::config_update_req + 1, {}));
  b.answer("Error_Forbidden", make_error(error_code::forbidden, "not_a_peer"));
  b.answer("Error_Unknown_Kind names the Kinds", make_error(error_code::unknown_kind, std::string_view("\x04\x00\x00\x00\x77", 5)));
}

ice_candidate host_candidate(std::uint8_t link) {
  ice_candidate i;
  i.at = {asio::ip::make_address("192.0.2.1"), 6084};
  i.overlay_link = link;
  i.foundation = "1";
  i.priority = 0x01000000;
  return i;
}

void add_attach(message_book& b, const cast& c) {
  const auto to = destination::to_resource(vector_id(0x10, 1));
  const attach_stamp stamp{vectors_ms, to};
  b.request("Attach, No-ICE, with the extension that says when and whereto (F006)",
            contents(code::attach_req, attach_message{"", "", "passive", {host_candidate(3), host_candidate(4)}, true}.encode(),
                     {stamp.encode()}),
            c.alice, to);
  b.answer("Attach's answer", contents(code::attach_req + 1, attach_message{"", "", "active", {host_candidate(4)}, false}.encode()));
  auto reflexive = host_candidate(1);
  reflexive.type = candidate_type::server_reflexive;
  reflexive.related = transport::endpoint{asio::ip::make_address("2001:db8::7"), 5000};
  b.request("AppAttach of SIP, with ICE",
            contents(code::app_attach_req, app_attach_message{5060, {"ufrg", "a password of ICE", "passive", {reflexive}}}.encode()),
            c.carol, destination::to_node(c.bob.node));
  b.answer("AppAttach's answer",
           contents(code::app_attach_req + 1, app_attach_message{5060, {"gfru", "another password", "active", {}}}.encode()));
}

void add_topology(message_book& b, const cast& c) {
  const auto bob = destination::to_node(c.bob.node);
  b.request("Join", contents(code::join_req, membership_request{c.alice.node, joiner_state(0)}.encode()), c.alice, bob);
  b.answer("Join's answer", contents(code::join_req + 1, encode_join_answer(state_of_example(c, leaf_set_state::flag_active))));
  core::bytes left;
  core::wire_writer w(left);
  state_of_example(c, leaf_set_state::flag_active).write(w);
  b.request("Leave; whom it knows is in extension F007",
            contents(code::leave_req, leave_request{c.alice.node}.encode(),
                     {{.type = leave_request::extension_type, .critical = false, .content = left}}),
            c.alice, bob);
  b.answer("Leave's answer is empty", contents(code::leave_req + 1, {}));
  update_request active;
  active.state = state_of_example(c, leaf_set_state::flag_active | leaf_set_state::flag_uses);
  active.state.grants = {grant_of_bob(c)};
  b.request("Update(active), with the grant by which the node was admitted", contents(code::update_req, active.encode()), c.alice, bob);
  b.answer("Update's answer is empty", contents(code::update_req + 1, {}));
  update_request rows;
  rows.type = update_type::rows;
  rows.rows = {row_of_example(c)};
  b.request("Update(rows)", contents(code::update_req, rows.encode()), c.alice, bob);
  update_request supernodes;
  supernodes.type = update_type::supernodes;
  supernodes.supernodes = {c.bob.node, c.login.node};
  b.request("Update(supernodes)", contents(code::update_req, supernodes.encode()), c.alice, bob);
  update_request synced;
  synced.type = update_type::synced;
  synced.first = vector_id(0x10);
  synced.last = vector_id(0x30);
  synced.view = view_of_example;
  b.request("Update(synced)", contents(code::update_req, synced.encode()), c.alice, bob);
  const auto revocations = vector_revocations(c);
  update_request revoked;
  revoked.type = update_type::revocations;
  revoked.content = revocation_announcement{revocations.head.text, revocations.delta.encode(), whole_share}.encode();
  b.request("Update(revocations): a head and the change that leads to it", contents(code::update_req, revoked.encode()), c.login, bob);
}

message_contents query(query_type type, core::bytes content = {}) {
  route_query_request q;
  q.target = destination::to_resource(vector_id(0x10, 1));
  q.type = type;
  q.last_row = type == query_type::rows ? 255 : 0;
  q.state = joiner_state(leaf_set_state::flag_asks);
  q.content = std::move(content);
  return contents(code::route_query_req, q.encode());
}

message_contents query_answer(const cast& c, query_type type, core::bytes content = {}) {
  route_query_answer a;
  a.next_peer = c.bob.node;
  a.type = type;
  a.state = state_of_example(c, leaf_set_state::flag_active);
  if (type == query_type::probe) a.granted = {grant_of_bob(c)};
  if (type == query_type::rows) a.rows = {row_of_example(c)};
  a.content = std::move(content);
  return contents(code::route_query_req + 1, a.encode());
}

void add_queries(message_book& b, const cast& c) {
  const auto bob = destination::to_node(c.bob.node);
  b.request("RouteQuery of the next hop alone", query(query_type::none), c.alice, bob);
  b.answer("its answer", query_answer(c, query_type::none));
  b.request("RouteQuery(probe) of a joiner that asks for the grant", query(query_type::probe), c.alice, bob);
  b.answer("its answer: a LeafSetState, and the grant", query_answer(c, query_type::probe));
  b.request("RouteQuery(rows) 0 to 255", query(query_type::rows), c.alice, bob);
  b.answer("its answer", query_answer(c, query_type::rows));
  b.request("RouteQuery(document) from the start", query(query_type::document, {0, 0, 0, 0}), c.alice, bob);
  const auto text = vector_document(c);
  const document_piece piece{7, static_cast<std::uint32_t>(text.size()), core::to_bytes(text.substr(0, 100))};
  b.answer("its answer: the first piece", query_answer(c, query_type::document, piece.encode()));
  const auto revocations = vector_revocations(c);
  const auto number = revocations.head.number;
  b.request("RouteQuery(revocations): newest",
            query(query_type::revocations,
                  revocation_question{.number = 0, .sought = 0, .want = revocation_want::newest, .leaves = {}, .share = 0}.encode()),
            c.alice, bob);
  b.answer("its answer: the head and a delta", query_answer(c, query_type::revocations,
                                                            revocation_answer{.number = number,
                                                                              .head = revocations.head.text,
                                                                              .gift = revocation_gift::delta,
                                                                              .content = revocations.delta.encode(),
                                                                              .leaves = {},
                                                                              .share = whole_share}
                                                                .encode()));
  b.request("RouteQuery(revocations): leaf 0",
            query(query_type::revocations,
                  revocation_question{.number = 0, .sought = number, .want = revocation_want::leaves, .leaves = {0}, .share = 1}.encode()),
            c.alice, bob);
  b.answer("its answer: that leaf", query_answer(c, query_type::revocations,
                                                 revocation_answer{.number = number,
                                                                   .head = {},
                                                                   .gift = revocation_gift::leaves,
                                                                   .content = {},
                                                                   .leaves = {{0, core::bytes(20, 0x77)}},
                                                                   .share = whole_share}
                                                     .encode()));
}

core::bytes sync(sync_ask ask, core::bytes content) {
  return sync_request{.where = {vector_id(0x10), vector_id(0x30)}, .view = view_of_example, .ask = ask, .content = std::move(content)}
      .encode();
}

core::bytes sync_answered(sync_reply kind, core::bytes content) {
  return sync_answer{.view = view_of_example, .kind = kind, .content = std::move(content)}.encode();
}

void add_sync(message_book& b, const cast& c) {
  const auto bob = destination::to_node(c.bob.node);
  const auto v = location_of(c);
  const item_key key{v.resource, v.kind, v.data.value.entry()};
  const auto one = sync_values{{signer_of(v, c).credential.certificate}, {{v.resource, v.kind, 3, v.data}}}.encode();
  b.request("RouteQuery(sync): compare", query(query_type::sync, sync(sync_ask::compare, core::bytes(16, 0x33))), c.alice, bob);
  b.answer("its answer: the same", query_answer(c, query_type::sync, sync_answered(sync_reply::same, {})));
  b.answer("or: the digests of its parts",
           query_answer(c, query_type::sync, sync_answered(sync_reply::children, encode_digests({{1}, {2}}))));
  b.answer("or: its items", query_answer(c, query_type::sync, sync_answered(sync_reply::items, encode_items({{key, v.data.version()}}))));
  b.answer("or: a stranger", query_answer(c, query_type::sync, sync_answered(sync_reply::stranger, {})));
  b.request("RouteQuery(sync): fetch", query(query_type::sync, sync(sync_ask::fetch, encode_keys({key}))), c.alice, bob);
  b.answer("its answer: values with their signers' certificates",
           query_answer(c, query_type::sync, sync_answered(sync_reply::values, one)));
  b.request("RouteQuery(sync): store", query(query_type::sync, sync(sync_ask::store, one)), c.alice, bob);
  b.answer("its answer: taken", query_answer(c, query_type::sync, sync_answered(sync_reply::taken, {})));
}

extension replica_state_of_example(const cast& c) {
  return replica_state{view_of_example, 3, {c.bob.node, c.alice.node, c.login.node}, {c.login.node}}.encode();
}

void add_storage(message_book& b, const cast& c) {
  for (const auto& v : vector_values(c)) {
    const auto to = destination::to_resource(v.resource);
    store_request s{
        .resource = v.resource, .replica_number = 0, .kinds = {{.kind = v.kind, .generation = 0, .values = {v.data}}}, .unknown = {}};
    const bool first_write = v.kind == phyllo::overlay::resource_kind.id && v.data.value.exists;
    b.request("Store: " + v.what, with_signer(contents(code::store_req, s.encode(), encode(asks(false, first_write))), v, c),
              signer_of(v, c), to);
  }
  const auto v = location_of(c);
  const auto to = destination::to_resource(v.resource);
  b.answer(
      "Store's answer: the generation and where copies are",
      contents(code::store_req + 1, store_answer{{{.kind = v.kind, .generation = 4, .replicas = {c.alice.node, c.login.node}}}}.encode(),
               {replica_state_of_example(c)}));
  store_request replica{
      .resource = v.resource, .replica_number = 1, .kinds = {{.kind = v.kind, .generation = 4, .values = {v.data}}}, .unknown = {}};
  b.request("Store of a replica, under a view (F001)",
            with_signer(contents(code::store_req, replica.encode(), encode(under_view(view_of_example))), v, c), c.bob,
            destination::to_node(c.alice.node));
}

void add_reads(message_book& b, const cast& c) {
  const auto v = location_of(c);
  const auto to = destination::to_resource(v.resource);
  fetch_request all{.resource = v.resource, .specifiers = {}, .unknown = {}};
  for (const auto& k : known_kinds()) all.specifiers.push_back(everything_of(k));
  fetch_request one{
      .resource = v.resource, .specifiers = {{.kind = v.kind, .generation = 3, .ranges = {}, .keys = {v.data.value.key}}}, .unknown = {}};
  b.request("Fetch of everything, by a quorum (F002)", contents(code::fetch_req, all.encode(known_kinds()), encode(asks(true, false))),
            c.carol, to);
  fetch_answer found{{{.kind = v.kind, .generation = 4, .values = {v.data, nonexistent(data_model::dictionary, {1, 2})}}}};
  b.answer("Fetch's answer: a value, and one that does not exist",
           with_signer(contents(code::fetch_req + 1, found.encode(), {replica_state_of_example(c)}), v, c));
  b.request(
      "Fetch of a key, that watches (F005)",
      contents(code::fetch_req, one.encode(known_kinds()), encode(watching(watch_request{.hold = std::chrono::seconds(4), .seen = {7}}))),
      c.carol, to);
  fetch_answer same{{{.kind = v.kind, .generation = 4, .values = {}}}};
  b.answer("its answer when nothing has changed",
           contents(code::fetch_req + 1, same.encode(), {{.type = extension_type::watch, .critical = false, .content = {}}}));
  b.request("Stat", contents(code::stat_req, one.encode(known_kinds())), c.carol, to);
  stat_answer stat{{{.kind = v.kind, .generation = 4, .values = {stored_metadata::of(v.data, 3599)}}}};
  b.answer("Stat's answer", contents(code::stat_req + 1, stat.encode()));
}

void add_diagnosis(message_book& b, const cast& c) {
  const diagnostics_request asked{vectors_ms + 5000, vectors_ms, 0x106, {{0xf001, {9, 9}}}};
  const diagnostics_response told{vectors_ms + 5000, vectors_ms, vectors_ms + 3, 28, {{1, {0}}, {2, {0, 0, 0, 9}}}};
  b.request("PathTrack", contents(code::path_track_req, path_track_request{destination::to_resource(vector_id(0x42)), asked}.encode()),
            c.alice, destination::to_node(c.bob.node));
  b.answer("PathTrack's answer", contents(code::path_track_req + 1, path_track_answer{destination::to_node(c.bob.node), told}.encode()));
  b.request(
      "Ping with diagnostics (extension 2)",
      contents(code::ping_req, encode_ping_request(), {{.type = diagnostic_ping_extension, .critical = false, .content = asked.encode()}}),
      c.alice, destination::to_node(c.bob.node));
}

}  // namespace

json message_vectors(const cast& c) {
  message_book b(c);
  add_plain(b, c);
  add_attach(b, c);
  add_topology(b, c);
  add_queries(b, c);
  add_sync(b, c);
  add_storage(b, c);
  add_reads(b, c);
  add_diagnosis(b, c);
  return {{"about",
           "Whole RELOAD messages (RFC 6940 s.6.3) of every kind, in one fragment, with what they say. The signature is over overlay, "
           "transaction id, "
           "MessageContents (code, body, extensions) and SignerIdentity. `certificates` are SHA-256 of those in the SecurityBlock."},
          {"messages", b.take()}};
}

}  // namespace phyllo::testing

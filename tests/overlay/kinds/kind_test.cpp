// The registered Kinds and their access policies, and the three data models as storing peers serve them.
#include "kinds/kind.hpp"

#include <doctest.h>

#include "kinds/access_policy.hpp"
#include "kinds/redir_provider.hpp"
#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/store_message.hpp"
#include "support/storage_ring.hpp"

namespace kind_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::data_model;
using overlay::errc;
using overlay::stored_data;
using testing::storage_ring;
namespace error_code = overlay::error_code;
namespace kind_number = overlay::kind_number;

namespace {

const overlay::kind& kind_of(overlay::kind_id id) { return *overlay::find_kind(overlay::known_kinds(), id); }

std::uint64_t now_ms(storage_ring& ring) { return core::unix_milliseconds(ring.world.env().wall_now()); }

// An overlay and two users of it, each with one node.
struct users {
  storage_ring ring{6};
  identity::credential alice = ring.make_credential("alice@example.com", {});
  identity::credential mallory = ring.make_credential("mallory@example.com", {});
  overlay::resource_id alices = overlay::user_resource("alice@example.com");
  std::uint64_t at = now_ms(ring);

  [[nodiscard]] stored_data value(overlay::kind_id id, const overlay::resource_id& resource, core::bytes content,
                                  const identity::credential& by, core::bytes key = {}, std::uint32_t index = 0) {
    stored_data d;
    d.storage_time = at++;
    d.lifetime = 600;
    d.value = {.model = kind_of(id).model, .index = index, .key = std::move(key), .exists = true, .value = std::move(content)};
    overlay::sign(d, resource, id, by);
    return d;
  }
  [[nodiscard]] core::status judged(overlay::kind_id id, const overlay::resource_id& resource, const stored_data& d,
                                    const identity::credential& by) {
    return check_value(kind_of(id), resource, d, by.certificate, ring.trust, ring.world.env().wall_now());
  }
  overlay::message_contents store(overlay::kind_id id, const overlay::resource_id& resource, std::vector<stored_data> values,
                                  const identity::credential& by, std::uint64_t generation = 0) {
    overlay::store_request body{.resource = resource, .replica_number = 0, .kinds = {}, .unknown = {}};
    body.kinds.push_back({.kind = id, .generation = generation, .values = std::move(values)});
    overlay::message_contents m;
    m.code = overlay::code::store_req;
    m.body = body.encode();
    return ring.request_as(by, ring.nearest(resource)[0], m);
  }
  overlay::fetch_kind_response fetched(const overlay::resource_id& resource, const overlay::data_specifier& s, std::size_t place = 0) {
    overlay::fetch_request body{.resource = resource, .specifiers = {s}, .unknown = {}};
    overlay::message_contents m;
    m.code = overlay::code::fetch_req;
    m.body = body.encode(overlay::known_kinds());
    const auto got = ring.request_as(mallory, ring.nearest(resource)[place], m);
    const auto answer = overlay::fetch_answer::decode(got.body, overlay::known_kinds());
    REQUIRE(got.code == overlay::code::fetch_req + 1);
    REQUIRE(answer.has_value());
    return answer->kinds.at(0);
  }
};

std::uint16_t error_of(const overlay::message_contents& m) {
  const auto e = overlay::read_error(m);
  return e ? e->code : 0;
}

core::bytes octets(const overlay::node_id& n) { return core::to_bytes(n.octets); }

overlay::sip_registration route_to(const overlay::node_id& n) {
  overlay::sip_registration s;
  s.contact_prefs = "(sip.schemes=SIP)";
  s.route = {overlay::destination::to_node(n)};
  return s;
}

}  // namespace

TEST_CASE("USER-NODE-MATCH: a SIP registration belongs to the user's AOR and the node that wrote it") {
  users u;
  const auto node = u.alice.certificate.node();
  const auto content = route_to(node).print();
  const auto good = u.value(kind_number::sip_registration, u.alices, content, u.alice, octets(node));
  CHECK(u.judged(kind_number::sip_registration, u.alices, good, u.alice).has_value());
  const auto other_key = u.value(kind_number::sip_registration, u.alices, content, u.alice, octets(u.mallory.certificate.node()));
  CHECK(u.judged(kind_number::sip_registration, u.alices, other_key, u.alice).error() == errc::forbidden);
  const auto forged = u.value(kind_number::sip_registration, u.alices, content, u.mallory, octets(u.mallory.certificate.node()));
  CHECK(u.judged(kind_number::sip_registration, u.alices, forged, u.mallory).error() == errc::forbidden);
  const auto garbage = u.value(kind_number::sip_registration, u.alices, {9, 9}, u.alice, octets(node));
  CHECK(u.judged(kind_number::sip_registration, u.alices, garbage, u.alice).error() == errc::invalid_record);
}

TEST_CASE("SIP registrations are of the AORs that the document admits") {
  const overlay::domain_rule patterns({true, {"dht\\.example\\.com", ".*\\.my\\.example", "("}}, "overlay.example.com");
  for (const auto* good : {"dht.example.com", "a.my.example", "b.c.my.example"}) CHECK_MESSAGE(patterns.admits(good), good);
  for (const auto* bad :
       {"my.example", "dhtxexample.com", "dht.example.com.evil.example", "evil.dht.example.com", "overlay.example.com", "", "("})
    CHECK_FALSE_MESSAGE(patterns.admits(bad), bad);
  const overlay::domain_rule own({false, {".*"}}, "overlay.example.com");
  CHECK(own.admits("overlay.example.com"));
  CHECK_FALSE(own.admits("example.com"));
  const overlay::domain_rule none({true, {}}, "overlay.example.com");
  CHECK_FALSE(none.admits("overlay.example.com"));

  users u;
  const auto node = u.alice.certificate.node();
  const auto d = u.value(kind_number::sip_registration, u.alices, route_to(node).print(), u.alice, octets(node));
  overlay::domain_rules rules;
  auto required = identity::standard_kinds();
  const auto judged = [&](identity::domain_restrictions r) {
    required[1].domains = std::move(r);
    const auto kinds = overlay::kinds_of(required, "example.com", rules);
    return check_content(*overlay::find_kind(kinds, kind_number::sip_registration), u.alices, d, u.alice.certificate);
  };
  CHECK(judged({true, {"example\\.com"}}).has_value());
  CHECK(judged({false, {}}).has_value());
  const auto refused = judged({true, {"example\\.org"}});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == errc::forbidden);
  CHECK(refused.error().message().find("no AOR of example.com") != std::string::npos);
}

TEST_CASE("NODE-MATCH and USER-MATCH: a node's certificates stand at H(Node-ID) and H(user)") {
  users u;
  const auto by_node = overlay::node_resource(u.alice.certificate.node());
  const auto der = core::to_bytes(u.alice.certificate.der());
  const auto at_node = u.value(kind_number::certificate_by_node, by_node, der, u.alice);
  const auto at_user = u.value(kind_number::certificate_by_user, u.alices, der, u.alice);
  CHECK(u.judged(kind_number::certificate_by_node, by_node, at_node, u.alice).has_value());
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, at_user, u.alice).has_value());
  const auto others = u.value(kind_number::certificate_by_node, by_node, der, u.mallory);
  CHECK(u.judged(kind_number::certificate_by_node, by_node, others, u.mallory).error() == errc::forbidden);
  const auto stranger = u.value(kind_number::certificate_by_user, u.alices, der, u.mallory);
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, stranger, u.mallory).error() == errc::forbidden);
  const auto no_certificate = u.value(kind_number::certificate_by_node, by_node, {1, 2, 3}, u.alice);
  CHECK(u.judged(kind_number::certificate_by_node, by_node, no_certificate, u.alice).error() == errc::invalid_record);
  const auto not_hers = u.value(kind_number::certificate_by_user, u.alices, core::to_bytes(u.mallory.certificate.der()), u.alice);
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, not_hers, u.alice).error() == errc::invalid_record);
}

TEST_CASE("NODE-MULTIPLE: a TURN server writes at H(Node-ID || i) for i from 1 to 20, and says which i") {
  users u;
  const auto node = u.alice.certificate.node();
  overlay::turn_server t;
  t.at = {asio::ip::make_address("192.0.2.7"), 3478};
  for (const auto i : std::initializer_list<std::uint8_t>{1, 7, 20}) {
    t.iteration = i;
    const auto resource = overlay::multiple_resource(node, i);
    const auto good = u.value(kind_number::turn_service, resource, t.print(), u.alice);
    CHECK(u.judged(kind_number::turn_service, resource, good, u.alice).has_value());
    CHECK(u.judged(kind_number::turn_service, resource, u.value(kind_number::turn_service, resource, t.print(), u.mallory), u.mallory)
              .error() == errc::forbidden);
  }
  for (const auto i : std::initializer_list<std::uint8_t>{0, 21}) {
    const auto resource = overlay::multiple_resource(node, i);
    const auto bad = u.value(kind_number::turn_service, resource, t.print(), u.alice);
    CHECK(u.judged(kind_number::turn_service, resource, bad, u.alice).error() == errc::forbidden);
  }
  const auto second = overlay::multiple_resource(node, 2);
  const auto mislabelled = u.value(kind_number::turn_service, second, t.print(), u.alice);  // says 20
  CHECK(u.judged(kind_number::turn_service, second, mislabelled, u.alice).error() == errc::invalid_record);
}

TEST_CASE("NODE-ID-MATCH: a provider writes under its Node-ID, in the tree nodes whose intervals it lies in") {
  users u;
  const auto node = u.alice.certificate.node();
  for (std::uint16_t level = 0; level <= overlay::redir_level_max; ++level) {
    overlay::redir_provider p;
    p.route = {overlay::destination::to_node(node)};
    p.place = overlay::redir_place::of("turn-server", level, node);
    const auto resource = p.place.resource();
    const auto good = u.value(kind_number::redir, resource, p.print(), u.alice, octets(node));
    CHECK(u.judged(kind_number::redir, resource, good, u.alice).has_value());
    const auto forged = u.value(kind_number::redir, resource, p.print(), u.mallory, octets(node));
    CHECK(u.judged(kind_number::redir, resource, forged, u.mallory).error() == errc::forbidden);
    auto beside = p;
    beside.place.node = static_cast<std::uint16_t>(beside.place.node + 1);
    const auto wrong_place = u.value(kind_number::redir, beside.place.resource(), beside.print(), u.alice, octets(node));
    CHECK(u.judged(kind_number::redir, beside.place.resource(), wrong_place, u.alice).error() == errc::forbidden);
    CHECK(
        u.judged(kind_number::redir, u.alices, u.value(kind_number::redir, u.alices, p.print(), u.alice, octets(node)), u.alice).error() ==
        errc::forbidden);
    // "provided that exists=True": whoever wrote it may remove it.
    stored_data gone = good;
    gone.value.exists = false;
    gone.value.value.clear();
    overlay::sign(gone, resource, kind_number::redir, u.alice);
    CHECK(u.judged(kind_number::redir, resource, gone, u.alice).has_value());
  }
}

TEST_CASE("tree nodes and intervals of ReDiR divide the ring evenly") {
  overlay::node_id half;
  half.octets[0] = 0x80;
  overlay::node_id last;
  last.octets.fill(0xff);
  CHECK(overlay::redir_place::of("s", 0, last).node == 0);
  CHECK(overlay::redir_place::of("s", 1, half).node == 5);
  CHECK(overlay::redir_place::of("s", 2, half).node == 50);
  CHECK(overlay::redir_place::of("s", 4, last).node == 9999);
  CHECK(overlay::redir_interval(0, half) == 5);
  CHECK(overlay::redir_interval(1, half) == 0);
  CHECK(overlay::redir_interval(0, last) == 9);
  CHECK(overlay::redir_interval(4, {}) == 0);
  CHECK_FALSE(overlay::redir_place{"s", 1, 4}.covers(half));
}

TEST_CASE("values larger than their Kind allows, or kept longer, are refused") {
  users u;
  const auto key = octets(u.alice.certificate.node());
  auto long_route = route_to(u.alice.certificate.node());
  long_route.contact_prefs.assign(5000, 'x');
  CHECK(u.judged(kind_number::sip_registration, u.alices,
                 u.value(kind_number::sip_registration, u.alices, long_route.print(), u.alice, key), u.alice)
            .error() == errc::quota_exceeded);
  auto kept_long = u.value(kind_number::sip_registration, u.alices, route_to(u.alice.certificate.node()).print(), u.alice, key);
  kept_long.lifetime = 86401;
  CHECK(u.judged(kind_number::sip_registration, u.alices, kept_long, u.alice).error() == errc::forbidden);
  const auto far = u.value(kind_number::certificate_by_user, u.alices, core::to_bytes(u.alice.certificate.der()), u.alice, {}, 0x1000000);
  CHECK(u.judged(kind_number::certificate_by_user, u.alices, far, u.alice).error() == errc::quota_exceeded);
}

TEST_CASE("a configuration document sets limits and adds private Kinds with the four policies") {
  const std::vector<identity::kind_definition> required{{overlay::resource_kind.id, "", "DICTIONARY", "PHYLLO-OWNER", 16, 2000},
                                                        {kind_number::turn_service, "TURN-SERVICE", "SINGLE", "NODE-MULTIPLE", 5, 80},
                                                        {0xF0000010, "", "SINGLE", "USER-MATCH", 1, 100},
                                                        {0xF0000011, "", "ARRAY", "NODE-MULTIPLE", 22, 4, 3},
                                                        {0xF0000012, "", "ARRAY", "USER-NODE-MATCH", 22, 4},  // only of dictionaries
                                                        {0xF0000013, "", "SINGLE", "NODE-MULTIPLE", 22, 4},   // without its greatest i
                                                        {0xF0000014, "", "DICTIONARY", "SOMETHING", 22, 4}};
  const auto kinds = overlay::kinds_of(required);
  const auto* resource = overlay::find_kind(kinds, overlay::resource_kind.id);
  REQUIRE(resource != nullptr);
  CHECK(resource->count_max == 16);
  CHECK(resource->size_max == 2000);
  CHECK(overlay::find_kind(kinds, kind_number::turn_service)->count_max == 1);
  REQUIRE(overlay::find_kind(kinds, 0xF0000010) != nullptr);
  CHECK(overlay::find_kind(kinds, 0xF0000010)->policy == overlay::write_policy::user_match);
  REQUIRE(overlay::find_kind(kinds, 0xF0000011) != nullptr);
  CHECK(overlay::find_kind(kinds, 0xF0000011)->iterations_max == 3);
  for (const overlay::kind_id refused : {0xF0000012U, 0xF0000013U, 0xF0000014U}) CHECK(overlay::find_kind(kinds, refused) == nullptr);
}

TEST_CASE("an array takes values at indexes and at its end, keeps gaps, and gives ranges") {
  users u;
  const auto id = kind_number::certificate_by_user;
  const auto der = core::to_bytes(u.alice.certificate.der());
  constexpr std::uint32_t end = 0xffffffff;
  REQUIRE(error_of(u.store(id, u.alices, {u.value(id, u.alices, der, u.alice, {}, 2)}, u.alice)) == 0);
  const auto appended = u.value(id, u.alices, der, u.alice, {}, end);
  REQUIRE(error_of(u.store(id, u.alices, {appended}, u.alice)) == 0);
  REQUIRE(error_of(u.store(id, u.alices, {appended}, u.alice)) == 0);  // its answer was lost: said again
  REQUIRE(error_of(u.store(id, u.alices, {u.value(id, u.alices, der, u.alice, {}, end), u.value(id, u.alices, der, u.alice, {}, end)},
                           u.alice)) == 0);
  for (std::size_t place = 0; place < 5; ++place) {  // replicas hold what the root has placed
    const auto k = u.fetched(u.alices, overlay::everything_of(kind_of(id)), place);
    CHECK(k.generation == 3);
    REQUIRE(k.values.size() == 6);
    std::map<std::uint32_t, bool> exists;
    for (const auto& d : k.values) exists[d.value.index] = d.value.exists;
    CHECK(exists == std::map<std::uint32_t, bool>{{0, false}, {1, false}, {2, true}, {3, true}, {4, true}, {5, true}});
    for (const auto& d : k.values) {
      if (d.value.exists) CHECK(verify(d, u.alices, id, u.alice.certificate).has_value());
    }
  }
  overlay::data_specifier some;
  some.kind = id;
  some.ranges = {{1, 2}, {5, 9}};
  const auto k = u.fetched(u.alices, some);
  CHECK(k.values.size() == 3);  // 1 is a gap, nothing stands behind 5
}

TEST_CASE("a single value replaces the one before it, and its absence is a value that does not exist") {
  users u;
  const auto id = kind_number::turn_service;
  const auto resource = overlay::multiple_resource(u.alice.certificate.node(), 1);
  overlay::data_specifier s;
  s.kind = id;
  const auto absent = u.fetched(resource, s);
  REQUIRE(absent.values.size() == 1);
  CHECK_FALSE(absent.values[0].value.exists);
  CHECK(absent.values[0].signature.identity_type == 3);
  overlay::turn_server t;
  for (const auto port : std::initializer_list<std::uint16_t>{3478, 3479}) {
    t.at = {asio::ip::make_address("2001:db8::7"), port};
    REQUIRE(error_of(u.store(id, resource, {u.value(id, resource, t.print(), u.alice)}, u.alice)) == 0);
  }
  const auto k = u.fetched(resource, s, 3);
  REQUIRE(k.values.size() == 1);
  CHECK(overlay::turn_server::read(k.values[0].value.value)->at.port == 3479);
  // "If the generation counter in the request matches ... no StoredData values."
  s.generation = k.generation;
  CHECK(u.fetched(resource, s).values.empty());
  // The expected generation of a store: another than the current one is refused, 0 is not looked at.
  CHECK(error_of(u.store(id, resource, {u.value(id, resource, t.print(), u.alice)}, u.alice, k.generation + 1)) ==
        error_code::generation_counter_too_low);
  CHECK(error_of(u.store(id, resource, {u.value(id, resource, t.print(), u.alice)}, u.alice, k.generation)) == 0);
}

TEST_CASE("two Kinds of one resource keep apart") {
  users u;
  const auto key = octets(u.alice.certificate.node());
  const auto der = core::to_bytes(u.alice.certificate.der());
  REQUIRE(error_of(u.store(kind_number::sip_registration, u.alices,
                           {u.value(kind_number::sip_registration, u.alices, route_to(u.alice.certificate.node()).print(), u.alice, key)},
                           u.alice)) == 0);
  REQUIRE(error_of(u.store(kind_number::certificate_by_user, u.alices, {u.value(kind_number::certificate_by_user, u.alices, der, u.alice)},
                           u.alice)) == 0);
  u.ring.kill(u.ring.nearest(u.alices)[0]);
  u.ring.run_for(10s);
  REQUIRE(u.ring.settle());
  CHECK(u.fetched(u.alices, overlay::everything_of(kind_of(kind_number::sip_registration))).values.size() == 1);
  CHECK(u.fetched(u.alices, overlay::everything_of(kind_of(kind_number::certificate_by_user))).values.size() == 1);
}

TEST_CASE("what asks for an unknown Kind is told which") {
  users u;
  overlay::find_request find{u.alices, {0x77}};
  overlay::fetch_request body{.resource = u.alices, .specifiers = {}, .unknown = {}};
  body.specifiers.push_back({.kind = 0x77, .generation = 0, .ranges = {}, .keys = {}});
  overlay::message_contents m;
  m.body = body.encode(overlay::known_kinds());
  for (const auto code : {overlay::code::fetch_req, overlay::code::stat_req}) {
    m.code = code;
    const auto e = overlay::read_error(u.ring.request_as(u.alice, u.ring.nearest(u.alices)[0], m));
    REQUIRE(e.has_value());
    CHECK(e->code == error_code::unknown_kind);
    CHECK(e->info == std::string("\x04\0\0\0\x77", 5));
  }
}

}  // namespace kind_test

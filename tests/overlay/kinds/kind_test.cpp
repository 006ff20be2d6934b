// Kinds as a configuration document defines them, and the three data models as storing peers serve them.
#include "kinds/kind.hpp"

#include <doctest.h>

#include "kinds/sip_registration.hpp"
#include "kinds/turn_server.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/store_message.hpp"
#include "support/storage_ring.hpp"

namespace kind_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::data_model;
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
    REQUIRE(error_of(u.store(id, resource, {u.value(id, resource, t.encode(), u.alice)}, u.alice)) == 0);
  }
  const auto k = u.fetched(resource, s, 3);
  REQUIRE(k.values.size() == 1);
  CHECK(overlay::turn_server::decode(k.values[0].value.value)->at.port == 3479);
  // "If the generation counter in the request matches ... no StoredData values."
  s.generation = k.generation;
  CHECK(u.fetched(resource, s).values.empty());
  // The expected generation of a store: another than the current one is refused, 0 is not looked at.
  CHECK(error_of(u.store(id, resource, {u.value(id, resource, t.encode(), u.alice)}, u.alice, k.generation + 1)) ==
        error_code::generation_counter_too_low);
  CHECK(error_of(u.store(id, resource, {u.value(id, resource, t.encode(), u.alice)}, u.alice, k.generation)) == 0);
}

TEST_CASE("two Kinds of one resource keep apart") {
  users u;
  const auto key = octets(u.alice.certificate.node());
  const auto der = core::to_bytes(u.alice.certificate.der());
  REQUIRE(error_of(u.store(kind_number::sip_registration, u.alices,
                           {u.value(kind_number::sip_registration, u.alices, route_to(u.alice.certificate.node()).encode(), u.alice, key)},
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

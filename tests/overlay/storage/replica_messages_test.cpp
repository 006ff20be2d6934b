#include "storage/replica_messages.hpp"

#include <doctest.h>

#include "storage/fetch_message.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "support/replica_values.hpp"

namespace replica_messages_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::from_integer;
using testing::make_certificate;
using testing::value_at;

namespace {

const auto start = testing::replica_start;
constexpr auto resource_id_kind = overlay::resource_kind.id;
constexpr auto registration = overlay::kind_number::sip_registration;

overlay::item_key key(overlay::kind_id kind, const std::string& entry) { return {from_integer(1), kind, core::to_bytes(entry)}; }

struct scene {
  scene() {
    held.put(from_integer(1), resource_id_kind, value_at(5, "a", "x", 100), sender, start);
    held.put(from_integer(1), resource_id_kind, value_at(5, "b", "y", 100), other, start);
    held.put(from_integer(1), registration, value_at(5, "c", "z", 100), other, start);
    held.raise_generation(from_integer(1), resource_id_kind, 6);
  }
  identity::certificate sender = make_certificate("root@example.com");
  identity::certificate other = make_certificate("alice@example.com");
  overlay::replica_store held{overlay::known_kinds(), {}};
};

}  // namespace

TEST_CASE("a root stores at replicas what it holds, each Kind once, with what is left of the lifetimes") {
  const scene s;
  const auto m = replica_store_message(
      s.held, s.sender, from_integer(1),
      {key(resource_id_kind, "a"), key(registration, "c"), key(resource_id_kind, "b"), key(registration, "gone")}, 77, start + 30s);
  CHECK(m.code == overlay::code::store_req);
  const auto body = overlay::store_request::decode(m.body, overlay::known_kinds());
  REQUIRE(body.has_value());
  CHECK(body->resource == from_integer(1));
  CHECK(body->replica_number == 1);
  REQUIRE(body->kinds.size() == 2);
  CHECK(body->kinds[0].kind == resource_id_kind);
  CHECK(body->kinds[0].generation == 6);
  REQUIRE(body->kinds[0].values.size() == 2);
  CHECK(body->kinds[0].values[1].value.value == core::to_bytes("y"));
  CHECK(body->kinds[0].values[1].lifetime == 70);
  CHECK(body->kinds[1].generation == 1);  // 0 would ask for none in particular
  CHECK(body->kinds[1].values.size() == 1);
  CHECK(overlay::decode(m.extensions)->view == 77);
}

TEST_CASE("of the values' signers each is named once, and the sender not at all") {
  const scene s;
  const auto m =
      replica_store_message(s.held, s.sender, from_integer(1),
                            {key(resource_id_kind, "a"), key(resource_id_kind, "b"), key(registration, "c")}, std::nullopt, start, 2);
  REQUIRE(m.certificates.size() == 1);
  CHECK(m.certificates.front() == s.other);
  CHECK(m.extensions.empty());
  CHECK(overlay::store_request::decode(m.body, overlay::known_kinds())->replica_number == 2);
}

TEST_CASE("a root asks replicas for all of these Kinds, in its view, but for those that a newer document has removed") {
  const auto m = overlay::replica_fetch_message(overlay::known_kinds(), from_integer(1), {registration, 0x7777, resource_id_kind}, 78);
  CHECK(m.code == overlay::code::fetch_req);
  const auto body = overlay::fetch_request::decode(m.body, overlay::known_kinds());
  REQUIRE(body.has_value());
  CHECK(body->unknown.empty());
  REQUIRE(body->specifiers.size() == 2);
  CHECK(body->specifiers[0].kind == registration);
  CHECK(body->specifiers[1].kind == resource_id_kind);
  CHECK(body->specifiers[1].keys.empty());
  const auto o = overlay::decode(m.extensions);
  REQUIRE(o.has_value());
  CHECK(o->view == 78);
  CHECK_FALSE(o->quorum);
}

}  // namespace replica_messages_test

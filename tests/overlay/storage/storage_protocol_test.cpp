// What storing peers answer to requests of all sorts of senders, asked as the peer would hand them over.
#include <doctest.h>

#include "kinds/access_policy.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/replica_set.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"
#include "support/storage_ring.hpp"

namespace storage_protocol_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::errc;
using overlay::message_contents;
using overlay::stored_data;
using testing::storage_ring;
namespace error_code = overlay::error_code;

namespace {

const auto alices = *overlay::name::parse("data:alice@example.com");

std::uint64_t now_ms(storage_ring& ring) { return core::unix_milliseconds(ring.world.env().wall_now()); }

overlay::resource_key owners_key(const overlay::name& n, const identity::credential& who) {
  return {.form = overlay::key_form::owner, .binding = who.certificate.node().octets, .name = n};
}

overlay::record content_for(const overlay::name& n, std::uint64_t at, std::uint32_t lifetime = 3600) {
  overlay::record r;
  r.name = n;
  r.value = "content";
  r.timestamp_ms = at;
  r.lifetime_s = lifetime;
  return r;
}

stored_data make_value(const overlay::resource_key& key, const overlay::record& r, std::uint64_t at, const identity::credential& by,
                       std::uint32_t lifetime = 3600) {
  stored_data d;
  d.storage_time = at;
  d.lifetime = lifetime;
  d.value.key = key.encode();
  d.value.value = core::to_bytes(r.xml());
  overlay::sign(d, key.name.key(), overlay::resource_kind.id, by);
  return d;
}

message_contents store(const overlay::resource_id& resource, std::vector<stored_data> values, std::uint8_t replica = 0,
                       overlay::request_options o = {}, std::uint64_t generation = 0) {
  overlay::store_request body{.resource = resource, .replica_number = replica, .kinds = {}, .unknown = {}};
  body.kinds.push_back({.kind = overlay::resource_kind.id, .generation = generation, .values = std::move(values)});
  message_contents m;
  m.code = overlay::code::store_req;
  m.body = body.encode();
  m.extensions = overlay::encode(o);
  return m;
}

message_contents fetch(const overlay::resource_id& resource, std::uint64_t generation = 0, std::uint16_t code = overlay::code::fetch_req) {
  overlay::fetch_request body{.resource = resource, .specifiers = {}, .unknown = {}};
  body.specifiers.push_back({.kind = overlay::resource_kind.id, .generation = generation, .ranges = {}, .keys = {}});
  message_contents m;
  m.code = code;
  m.body = body.encode(overlay::known_kinds());
  return m;
}

// 0: an answer, no error.
std::uint16_t error_of(const message_contents& m) {
  const auto e = overlay::read_error(m);
  return e ? e->code : 0;
}

std::uint64_t view_at(storage_ring& ring, std::size_t node, const overlay::resource_id& key) {
  return overlay::replica_state::of(ring.request(node, node, fetch(key, 0, overlay::code::stat_req)))->view;
}

// A ring, an owner and somebody else.
struct owners {
  storage_ring ring{6};
  identity::credential alice = ring.make_credential("alice@example.com", {});
  identity::credential mallory = ring.make_credential("mallory@example.com", {});
  std::size_t root = ring.nearest(alices.key())[0];
  std::uint64_t at = now_ms(ring);
  overlay::resource_key key = owners_key(alices, alice);
  stored_data good = make_value(key, content_for(alices, at), at, alice);

  std::uint16_t asked(const stored_data& d, const identity::credential& sender) {
    auto m = store(alices.key(), {d});
    m.certificates = {alice.certificate, mallory.certificate};
    return error_of(ring.request_as(sender, root, m));
  }
  std::uint16_t asked(const stored_data& d) { return asked(d, alice); }
  stored_data signed_again(stored_data d) {
    overlay::sign(d, alices.key(), overlay::resource_kind.id, alice);
    return d;
  }
};

}  // namespace

TEST_CASE("the owner's value is taken, and only from the owner") {
  owners o;
  CHECK(o.asked(o.good, o.mallory) == error_code::forbidden);  // in another user's message
  CHECK(o.asked(make_value(o.key, content_for(alices, o.at), o.at, o.mallory), o.mallory) == error_code::forbidden);
  CHECK(o.asked(make_value(owners_key(alices, o.mallory), content_for(alices, o.at), o.at, o.mallory), o.mallory) == error_code::forbidden);
  CHECK(o.ring.at(o.root).counts().records == 0);
  CHECK(o.asked(o.good) == 0);
  CHECK(o.ring.at(o.root).counts().records == 1);
}

TEST_CASE("a root that was taken for dead adds nothing over what another has stored in its stead") {
  owners o;
  const auto stand_in = o.ring.nearest(alices.key())[1];
  o.ring.partition({o.root});
  o.ring.run_for(800ms);  // a suspect by now, and still a member
  CHECK(error_of(o.ring.request_as(o.alice, stand_in, store(alices.key(), {o.good}))) == 0);
  o.ring.heal();
  REQUIRE(o.ring.at(o.root).counts().records == 0);  // its share comes a second later
  auto later = make_value(o.key, content_for(alices, o.at + 50), o.at + 50, o.alice);
  const auto answer = o.ring.request_as(o.alice, o.root, store(alices.key(), {later}, 0, {.view = {}, .quorum = false, .if_absent = true}));
  CHECK(error_of(answer) == error_code::data_too_old);
  CHECK(overlay::read_error(answer)->info == "exists");
}

TEST_CASE("a value of a time to come is refused, a minute for clocks that differ aside") {
  owners o;
  for (const auto ahead : {60'001, 86'400'000}) {
    const auto at = o.at + static_cast<std::uint64_t>(ahead);
    CHECK(o.asked(make_value(o.key, content_for(alices, at), at, o.alice)) == error_code::forbidden);
  }
  CHECK(o.asked(make_value(o.key, content_for(alices, ~std::uint64_t{0}), ~std::uint64_t{0}, o.alice)) == error_code::forbidden);
  CHECK(o.ring.at(o.root).counts().records == 0);
  const auto soon = o.at + 59'000;
  CHECK(o.asked(make_value(o.key, content_for(alices, soon), soon, o.alice)) == 0);
}

TEST_CASE("a replica takes no value of a time far ahead, whoever its root is and whichever way it comes") {
  owners o;
  const auto order = o.ring.nearest(alices.key());
  const auto far = o.at + 2 * 86'400'000;
  const auto view = view_at(o.ring, order[1], alices.key());
  auto m = store(alices.key(), {make_value(o.key, content_for(alices, far), far, o.alice)}, 1,
                 {.view = view, .quorum = false, .if_absent = false}, 1);
  m.certificates = {o.alice.certificate};
  CHECK(error_of(o.ring.request(order[0], order[1], m)) == error_code::forbidden);
  overlay::sync_values pushed;
  pushed.values.push_back({alices.key(), overlay::resource_kind.id, 1, make_value(o.key, content_for(alices, far), far, o.alice)});
  pushed.certificates = {o.alice.certificate};
  const overlay::sync_request s{.where = overlay::whole_ring(), .view = view, .ask = overlay::sync_ask::store, .content = pushed.encode()};
  (void)o.ring.sync(order[0], order[1], s.encode());
  CHECK(o.ring.at(order[1]).counts().records == 0);
}

TEST_CASE(
    "the owner overwrites and removes a value that was stored with a clock ahead of all others, and its other records are not dated by "
    "it") {
  storage_ring ring(6);
  const std::string own = "data:user0@example.com";
  const auto n = *overlay::name::parse(own);
  const auto key = owners_key(n, ring.credential(0));
  const auto ahead = now_ms(ring) + 1'800'000;
  const auto order = ring.nearest(n.key());
  const auto value = make_value(key, content_for(n, ahead), ahead, ring.credential(0));
  for (std::size_t i = 1; i < 5; ++i) {
    auto m = store(n.key(), {value}, 1, {}, 1);
    m.certificates = {ring.credential(0).certificate};
    CHECK(error_of(ring.request(order[0], order[i], m)) == 0);
  }
  CHECK(ring.update(0, own, "newer").has_value());
  CHECK(ring.update(0, own, "newer still").has_value());
  const auto got = ring.get(1, own, true);
  REQUIRE(got.has_value());
  REQUIRE(got->values.size() == 1);
  CHECK(got->values.front().content.value == "newer still");
  CHECK(ring.update(0, "other:user0@example.com", "x").has_value());
  CHECK(ring.remove(0, own).has_value());
  ring.run_for(5s);
  CHECK_FALSE(ring.get(1, own, true).has_value());
}

namespace {

// A name of node 0's whose root it is.
std::string name_rooted_at_first(storage_ring& ring) {
  for (int i = 0;; ++i) {  // ends: of two or three nodes each is the root of many names
    const auto name = "data" + std::to_string(i) + ":user0@example.com";
    if (ring.nearest(overlay::name::parse(name)->key()).front() == 0) return name;
  }
}

// What node 0 has stored while its clock was three days fast, and its root has taken: only itself.
std::string stored_three_days_ahead(storage_ring& ring) {
  const auto name = name_rooted_at_first(ring);
  ring.set_skew(0, 72h);
  CHECK(ring.update(0, name, "with a wrong clock").has_value() == (ring.size() == 1));
  const auto at = ring.get(0, name);
  REQUIRE(at.has_value());
  REQUIRE(at->values.front().storage_time_ms > now_ms(ring) + 71 * 3'600'000);
  ring.run_for(2s);
  ring.set_skew(0, 0h);
  if (ring.size() == 1) (void)ring.join();
  ring.run_for(10s);
  return name;
}

}  // namespace

TEST_CASE("what was stored days ahead, and by its root alone, is overwritten by its owner as soon as clocks are right") {
  for (const std::size_t nodes : {1U, 2U, 3U}) {
    CAPTURE(nodes);
    storage_ring ring(nodes);
    const auto name = stored_three_days_ahead(ring);
    const auto done = ring.update(0, name, "with the right one");
    CHECK(done.has_value());
    ring.run_for(60s);  // and what is compared meanwhile agrees
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const auto got = ring.get(i, name, true);
      REQUIRE(got.has_value());
      REQUIRE(got->values.size() == 1);
      CHECK(got->values.front().content.value == "with the right one");
      CHECK(got->values.front().storage_time_ms <= now_ms(ring) + 60'000);
      CHECK(ring.at(i).counts().records == 1);
    }
  }
}

TEST_CASE("what was stored days ahead, and by its root alone, is removed by its owner as soon as clocks are right") {
  for (const std::size_t nodes : {1U, 2U, 3U}) {
    CAPTURE(nodes);
    storage_ring ring(nodes);
    const auto name = stored_three_days_ahead(ring);
    const bool taken_over = ring.nearest(overlay::name::parse(name)->key()).front() != 0;
    const auto removed = ring.remove(0, name);
    CHECK((removed.has_value() || (taken_over && removed.error() == errc::not_found)));  // a root that never took it has nothing to remove
    ring.run_for(60s);
    for (std::size_t i = 0; i < ring.size(); ++i) CHECK_FALSE(ring.get(i, name, true).has_value());
    CHECK(ring.add(0, name, "anew").has_value());
  }
}

TEST_CASE("a replica alone that holds a value of days ahead takes, by comparison, what its owner wrote with the right clock") {
  storage_ring ring(3);
  const auto name = stored_three_days_ahead(ring);
  const auto n = *overlay::name::parse(name);
  const auto at = now_ms(ring);
  const auto value = make_value(owners_key(n, ring.credential(0)), content_for(n, at), at, ring.credential(0));
  ring.partition({0});  // it hears of it by no write
  auto m = store(n.key(), {value}, 1, {}, 1);
  m.certificates = {ring.credential(0).certificate};
  CHECK(error_of(ring.request(1, 2, m)) == 0);
  ring.heal();
  ring.run_for(120s);
  const auto got = ring.get(0, name);
  REQUIRE(got.has_value());
  REQUIRE(got->values.size() == 1);
  CHECK(got->values.front().storage_time_ms == at);
}

TEST_CASE("a value altered after signing, or unsigned, is refused") {
  owners o;
  auto d = o.good;
  d.value.value.back() = ' ';
  CHECK(o.asked(d) == error_code::forbidden);
  d = o.good;
  d.storage_time += 1;
  CHECK(o.asked(d) == error_code::forbidden);
  d = o.good;
  d.signature.value[5] ^= 1;
  CHECK(o.asked(d) == error_code::forbidden);
  d = o.good;
  d.signature = overlay::nonexistent(overlay::data_model::dictionary, {}).signature;
  CHECK(o.asked(d) == error_code::forbidden);
  CHECK(o.ring.at(o.root).counts().records == 0);
}

TEST_CASE("a value under another name's Resource-ID, binding or form is refused") {
  owners o;
  const auto bobs = *overlay::name::parse("data:bob@example.com");
  const auto bobs_root = o.ring.nearest(bobs.key())[0];
  CHECK(error_of(o.ring.request_as(o.alice, bobs_root, store(bobs.key(), {o.good}))) == error_code::forbidden);
  auto other = o.key;
  other.binding[0] ^= 1;
  CHECK(o.asked(make_value(other, content_for(alices, o.at), o.at, o.alice)) == error_code::forbidden);
  auto d = o.good;
  d.value.key[0] = 9;
  CHECK(o.asked(o.signed_again(d)) == error_code::forbidden);
}

TEST_CASE("a record that is not what its key, time and lifetime say is refused") {
  owners o;
  const auto bobs = *overlay::name::parse("data:bob@example.com");
  CHECK(o.asked(make_value(o.key, content_for(bobs, o.at), o.at, o.alice)) == error_code::forbidden);
  CHECK(o.asked(make_value(o.key, content_for(alices, o.at + 1), o.at, o.alice)) == error_code::forbidden);
  CHECK(o.asked(make_value(o.key, content_for(alices, o.at, 60), o.at, o.alice, 61)) == error_code::forbidden);
  CHECK(o.asked(make_value(o.key, content_for(alices, o.at, 90000), o.at, o.alice, 86401)) == error_code::forbidden);
  auto d = o.good;
  d.value.value = core::to_bytes("<resource>");
  CHECK(o.asked(o.signed_again(d)) == error_code::forbidden);
  d.value.value.resize(4097);
  CHECK(o.asked(o.signed_again(d)) == error_code::data_too_large);
}

TEST_CASE("a value signed by a revoked node, under an expired certificate, or of a foreign authority is refused") {
  owners o;
  const auto brief = o.ring.make_credential("alice@example.com", {}, 1h);
  const auto old_value = make_value(owners_key(alices, brief), content_for(alices, o.at), o.at, brief);
  const auto key_pair = identity::private_key::generate();
  identity::authority::request r;
  r.node.octets.fill(3);
  r.user = "alice@example.com";
  r.overlay = "test.overlay";
  r.not_before = o.ring.world.env().wall_now() - 1h;
  r.not_after = o.ring.world.env().wall_now() + 24h;
  const identity::credential foreign{identity::authority::create("foreign", r.not_before).issue(r, key_pair.native()).value(), key_pair};
  const auto foreign_value = make_value(owners_key(alices, foreign), content_for(alices, o.at), o.at, foreign);
  CHECK(error_of(o.ring.request_as(foreign, o.root, store(alices.key(), {foreign_value}))) == error_code::forbidden);
  o.ring.run_for(2h);
  CHECK(error_of(o.ring.request_as(brief, o.root, store(alices.key(), {old_value}))) == error_code::forbidden);
  REQUIRE(o.ring.trust.update({o.ring.ca.certificate_der()}, {o.alice.certificate.node()}).has_value());
  CHECK(o.asked(o.good) == error_code::forbidden);
}

TEST_CASE("a domain's authority is bound to its domains, and its entries to phone or node") {
  storage_ring ring(6);
  const auto proxy = ring.make_credential("proxy@example.com", {"example.com"});
  const auto n = *overlay::name::parse("user location:alice@example.com");
  const auto at = now_ms(ring);
  auto content = content_for(n, at);
  overlay::location phone;
  phone.contact = "sip:alice@192.0.2.1";
  content.locations = {phone};
  const auto root = [&](const overlay::name& name) { return ring.nearest(name.key())[0]; };
  const auto stored = [&](const overlay::resource_key& key, const overlay::record& r) {
    return error_of(ring.request_as(proxy, root(key.name), store(key.name.key(), {make_value(key, r, at, proxy)})));
  };
  overlay::resource_key key{.form = overlay::key_form::domain, .binding = overlay::binding_of(phone), .name = n};
  CHECK(stored(key, content) == 0);
  key.binding = proxy.certificate.node().octets;
  CHECK(stored(key, content) == error_code::forbidden);  // a location is bound to the phone
  key.name = alices;
  CHECK(stored(key, content_for(alices, at)) == 0);  // data to the node
  key.binding[3] ^= 1;
  CHECK(stored(key, content_for(alices, at)) == error_code::forbidden);
  key.name = *overlay::name::parse("data:alice@elsewhere.example");
  key.binding = proxy.certificate.node().octets;
  CHECK(stored(key, content_for(key.name, at)) == error_code::forbidden);
}

TEST_CASE("a lower storage time never replaces a newer value, and the refusal names the time stored") {
  storage_ring ring(6);
  const auto alice = ring.make_credential("alice@example.com", {});
  const auto root = ring.nearest(alices.key())[0];
  const auto at = now_ms(ring);
  const auto key = owners_key(alices, alice);
  CHECK(error_of(ring.request_as(alice, root, store(alices.key(), {make_value(key, content_for(alices, at), at, alice)}))) == 0);
  const auto refused = ring.request_as(alice, root, store(alices.key(), {make_value(key, content_for(alices, at - 1), at - 1, alice)}));
  CHECK(error_of(refused) == error_code::data_too_old);
  CHECK(overlay::read_error(refused)->info == "stored " + std::to_string(at));
  // The very same value again is a success that changes nothing, generation included.
  const auto again = ring.request_as(alice, root, store(alices.key(), {make_value(key, content_for(alices, at), at, alice)}));
  REQUIRE(error_of(again) == 0);
  CHECK(overlay::store_answer::decode(again.body)->kinds.at(0).generation == 1);
  CHECK(ring.get(0, "data:alice@example.com")->values.at(0).storage_time_ms == at);
}

TEST_CASE("a generation that is expected and not there is answered with the one that is") {
  storage_ring ring(6);
  const auto alice = ring.make_credential("alice@example.com", {});
  const auto root = ring.nearest(alices.key())[0];
  const auto at = now_ms(ring);
  const auto key = owners_key(alices, alice);
  for (std::uint64_t i = 0; i < 3; ++i)
    CHECK(error_of(ring.request_as(alice, root,
                                   store(alices.key(), {make_value(key, content_for(alices, at + i), at + i, alice)}, 0, {}, i))) == 0);
  const auto refused =
      ring.request_as(alice, root, store(alices.key(), {make_value(key, content_for(alices, at + 9), at + 9, alice)}, 0, {}, 2));
  REQUIRE(error_of(refused) == error_code::generation_counter_too_low);
  const auto e = overlay::read_error(refused);
  CHECK(overlay::store_answer::decode(core::as_bytes(e->info))->kinds.at(0).generation == 3);
}

TEST_CASE("a store of several values is all or nothing") {
  storage_ring ring(6);
  const auto alice = ring.make_credential("alice@example.com", {"example.com"});
  const auto root = ring.nearest(alices.key())[0];
  const auto at = now_ms(ring);
  const auto good = make_value(owners_key(alices, alice), content_for(alices, at), at, alice);
  overlay::resource_key second{.form = overlay::key_form::domain, .binding = alice.certificate.node().octets, .name = alices};
  auto bad = make_value(second, content_for(alices, at), at, alice);
  bad.signature.value[0] ^= 1;
  CHECK(error_of(ring.request_as(alice, root, store(alices.key(), {good, bad}))) == error_code::forbidden);
  CHECK(ring.at(root).counts().records == 0);
}

TEST_CASE("a replica confirms only the root, and only in one view; anybody else is refused") {
  storage_ring ring(16);
  const auto alice = ring.make_credential("alice@example.com", {});
  const auto order = ring.nearest(alices.key());
  const auto at = now_ms(ring);
  const auto value = make_value(owners_key(alices, alice), content_for(alices, at), at, alice);
  const auto view = view_at(ring, order[1], alices.key());
  const auto replicate = [&](std::size_t from, std::size_t to, overlay::request_options o, std::uint64_t generation = 1) {
    auto m = store(alices.key(), {value}, 1, o, generation);
    m.certificates = {alice.certificate};
    return ring.request(from, to, m);
  };
  CHECK(error_of(replicate(order[0], order[1], {.view = view}, 0)) == error_code::invalid_message);
  const auto far = replicate(order[15], order[1], {.view = view});
  CHECK(error_of(far) == error_code::forbidden);
  CHECK(ring.at(order[1]).counts().records == 0);
  const auto false_root = replicate(order[2], order[1], {.view = view});
  CHECK(error_of(false_root) == error_code::forbidden);
  const auto other_view = replicate(order[0], order[1], {.view = view + 1});
  CHECK(error_of(other_view) == error_code::forbidden);
  CHECK(overlay::replica_state::of(other_view)->view == view);
  CHECK(error_of(replicate(order[0], order[6], {.view = view})) == error_code::forbidden);  // no replica of it
  CHECK(error_of(replicate(order[0], order[1], {.view = view})) == 0);
  CHECK(error_of(replicate(order[3], order[2], {})) == 0);  // leave and write-back: kept, without counting in a view
}

TEST_CASE("a replica store signed by the root does not excuse a value signed by somebody else") {
  storage_ring ring(6);
  const auto mallory = ring.make_credential("mallory@example.com", {});
  const auto order = ring.nearest(alices.key());
  const auto at = now_ms(ring);
  auto key = owners_key(alices, mallory);
  auto m =
      store(alices.key(), {make_value(key, content_for(alices, at), at, mallory)}, 1, {.view = view_at(ring, order[1], alices.key())}, 1);
  m.certificates = {mallory.certificate};
  CHECK(error_of(ring.request(order[0], order[1], m)) == error_code::forbidden);
}

TEST_CASE("a reader refuses what a faulty root sends it") {
  storage_ring ring(1);
  const auto mallory = ring.make_credential("mallory@example.com", {});
  const auto alice = ring.make_credential("alice@example.com", {});
  const auto at = now_ms(ring);
  const auto wall = ring.world.env().wall_now();
  const auto& kind = overlay::resource_kind;
  const auto forged = make_value(owners_key(alices, alice), content_for(alices, at), at, mallory);
  CHECK(check_value(kind, alices.key(), forged, mallory.certificate, ring.trust, wall).error() == errc::forbidden);
  CHECK(check_value(kind, alices.key(), forged, alice.certificate, ring.trust, wall).error() == errc::forbidden);
  const auto good = make_value(owners_key(alices, alice), content_for(alices, at), at, alice);
  CHECK(check_value(kind, alices.key(), good, alice.certificate, ring.trust, wall).has_value());
  // Its lifetime is not signed: what its signed words say has long passed is not believed.
  CHECK_FALSE(overlay::outlived(content_for(alices, at), wall + 3600s + 9min));
  CHECK(overlay::outlived(content_for(alices, at), wall + 3600s + 11min));
  auto forever = content_for(alices, ~0ULL, ~0U);
  CHECK_FALSE(overlay::outlived(forever, wall));
}

TEST_CASE("Fetch, Stat and Find answer as RFC 6940 says") {
  storage_ring ring(6);
  REQUIRE(ring.add(0, "data:alice@example.com", "v").has_value());
  const auto order = ring.nearest(alices.key());
  const auto fetched = ring.request(3, order[0], fetch(alices.key()));
  const auto body = overlay::fetch_answer::decode(fetched.body, overlay::known_kinds());
  REQUIRE(body.has_value());
  CHECK(body->kinds.at(0).generation == 1);
  REQUIRE(body->kinds.at(0).values.size() == 1);
  CHECK(fetched.certificates.size() <= 1);
  // The generation it has seen already: no values.
  const auto unchanged = overlay::fetch_answer::decode(ring.request(3, order[0], fetch(alices.key(), 1)).body, overlay::known_kinds());
  CHECK(unchanged->kinds.at(0).values.empty());
  // A key that is not there: a synthetic value without signature.
  overlay::fetch_request one{.resource = alices.key(), .specifiers = {}, .unknown = {}};
  one.specifiers.push_back({.kind = overlay::resource_kind.id, .generation = 0, .ranges = {}, .keys = {core::to_bytes("nothing")}});
  message_contents m;
  m.code = overlay::code::fetch_req;
  m.body = one.encode(overlay::known_kinds());
  const auto synthetic = overlay::fetch_answer::decode(ring.request(3, order[0], m).body, overlay::known_kinds());
  REQUIRE(synthetic->kinds.at(0).values.size() == 1);
  CHECK_FALSE(synthetic->kinds.at(0).values[0].value.exists);
  CHECK(synthetic->kinds.at(0).values[0].signature.identity_type == 3);

  const auto stat =
      overlay::stat_answer::decode(ring.request(3, order[0], fetch(alices.key(), 0, overlay::code::stat_req)).body, overlay::known_kinds());
  REQUIRE(stat->kinds.at(0).values.size() == 1);
  CHECK(stat->kinds.at(0).values[0].length == body->kinds.at(0).values[0].value.value.size());

  overlay::find_request find{alices.key(), {overlay::resource_kind.id, 5}};
  message_contents f;
  f.code = overlay::code::find_req;
  f.body = find.encode();
  const auto found = overlay::find_answer::decode(ring.request(3, order[0], f).body);
  CHECK(found->results.at(0).second == alices.key());
  CHECK(found->results.at(1).second == overlay::resource_id{});
  CHECK(error_of(ring.request(3, order[5], f)) == error_code::not_found);
}

TEST_CASE("an unknown Kind, a critical extension and noise are told apart") {
  storage_ring ring(5);
  overlay::store_request body{.resource = alices.key(), .replica_number = 0, .kinds = {}, .unknown = {}};
  body.kinds.push_back({.kind = 0xF0000077, .generation = 0, .values = {}});
  message_contents m;
  m.code = overlay::code::store_req;
  m.body = body.encode();
  const auto unknown = ring.request(0, 1, m);
  CHECK(error_of(unknown) == error_code::unknown_kind);
  CHECK(overlay::read_error(unknown)->info == std::string("\x04\xF0\x00\x00\x77", 5));
  m.extensions = {{.type = 0x4242, .critical = true, .content = {}}};
  CHECK(error_of(ring.request(0, 1, m)) == error_code::unknown_extension);
  for (const auto code : {overlay::code::store_req, overlay::code::fetch_req, overlay::code::stat_req, overlay::code::find_req}) {
    message_contents noise;
    noise.code = code;
    noise.body = core::to_bytes("noise that is no message of anybody");
    CHECK(error_of(ring.request(0, 1, noise)) == error_code::invalid_message);
  }
}

TEST_CASE("sync takes good values one by one, refuses bad ones, and serves no stranger") {
  storage_ring ring(6);
  const auto alice = ring.make_credential("alice@example.com", {});
  const auto at = now_ms(ring);
  const auto good = make_value(owners_key(alices, alice), content_for(alices, at), at, alice);
  const auto bobs = *overlay::name::parse("data:bob@example.com");
  auto bad = make_value(owners_key(bobs, alice), content_for(bobs, at), at, alice);
  overlay::sync_values values;
  values.certificates = {alice.certificate};
  values.values = {{bobs.key(), overlay::resource_kind.id, 1, bad}, {alices.key(), overlay::resource_kind.id, 4, good}};
  overlay::sync_request s{.where = overlay::whole_ring(), .view = 0, .ask = overlay::sync_ask::store, .content = values.encode()};
  const auto taken = overlay::sync_answer::decode(ring.sync(0, 1, s.encode()));
  CHECK(taken->kind == overlay::sync_reply::taken);
  CHECK(ring.at(1).counts().records == 1);
  CHECK(ring.metrics(1).drops().at("value_refused") == 1);

  s.ask = overlay::sync_ask::fetch;
  s.content = overlay::encode_keys({{alices.key(), overlay::resource_kind.id, good.value.key}});
  const auto given = overlay::sync_answer::decode(ring.sync(0, 1, s.encode()));
  REQUIRE(given->kind == overlay::sync_reply::values);
  const auto back = overlay::sync_values::decode(given->content, overlay::known_kinds(), ring.trust);
  REQUIRE(back->values.size() == 1);
  CHECK(back->values[0].generation == 4);
  CHECK(back->signer_of(back->values[0].data) != nullptr);

  ring.kill(5);
  ring.run_for(4s);
  CHECK(overlay::sync_answer::decode(ring.sync(5, 1, s.encode()))->kind == overlay::sync_reply::stranger);
  CHECK(overlay::sync_answer::decode(ring.sync(0, 1, core::to_bytes("noise")))->kind == overlay::sync_reply::stranger);
}

}  // namespace storage_protocol_test

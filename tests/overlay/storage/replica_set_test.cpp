// The pure machines of replication: sets and views, who is unsynced where, the store, comparisons, quorums.
#include "storage/replica_set.hpp"

#include <doctest.h>

#include <algorithm>
#include <random>

#include "kinds/resource_key.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/message.hpp"
#include "reload/ring.hpp"
#include "storage/digest_tree.hpp"
#include "storage/read_quorum.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"
#include "storage/sync_state.hpp"
#include "storage/write_quorum.hpp"

namespace replica_set_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::arc;
using overlay::from_integer;
using overlay::member;
using overlay::node_id;
using overlay::replica_sets;
using overlay::uint128;

namespace {

node_id random_id(std::mt19937_64& random) { return from_integer(uint128(random()) << 64 | random()); }

std::vector<member> make_ring(std::mt19937_64& random, std::size_t count) {
  std::vector<member> ring;
  for (std::size_t i = 0; i < count; ++i) ring.push_back({.node = random_id(random), .incarnation = 1, .active = true, .suspect = false});
  return ring;
}

// All of the ring that a node of it knows with a leaf set of this size.
std::vector<member> known_to(const std::vector<member>& ring, const node_id& self, std::size_t leaf_set) {
  auto order = ring;
  std::ranges::sort(order, {}, [&](const member& m) { return overlay::clockwise(self, m.node); });
  if (order.size() <= leaf_set + 1) return order;
  const auto half = static_cast<std::ptrdiff_t>(leaf_set / 2);
  std::vector<member> known(order.begin(), order.begin() + half + 1);
  known.insert(known.end(), order.end() - half, order.end());
  return known;
}

overlay::stored_data value_at(std::uint64_t time, const std::string& key, const std::string& content, std::uint32_t lifetime = 100) {
  overlay::stored_data d;
  d.storage_time = time;
  d.lifetime = lifetime;
  d.value.key = core::to_bytes(key);
  d.value.value = core::to_bytes(content);
  return d;
}

identity::certificate make_certificate(const std::string& user) {
  const auto now = core::from_unix_milliseconds(1'767'225'600'000);
  const auto ca = identity::authority::create("test", now - 1h);
  identity::authority::request r;
  r.node.octets.fill(5);
  r.user = user;
  r.overlay = "test.overlay";
  r.not_before = now - 1h;
  r.not_after = now + 24h;
  const auto key = identity::private_key::generate();
  return ca.issue(r, key.native()).value();
}

overlay::answer answer_with(std::uint16_t code, std::uint16_t error = 0) {
  overlay::answer a;
  if (error != 0) {
    a.contents = overlay::make_error(error, "x");
  } else {
    a.contents.code = code;
  }
  return a;
}

const core::time_point start{std::chrono::hours(1)};

}  // namespace

TEST_CASE("arcs join, split and are subtracted without losing a point") {
  std::mt19937_64 random(4);
  overlay::arc_set set;
  std::array<bool, 256> model{};
  for (int i = 0; i < 2000; ++i) {
    const auto a = random() % 256;
    const auto b = a + random() % (256 - a);
    // The top of the ring is one of the points, so that its edge is tried, too.
    const auto point = [](std::uint64_t p) { return from_integer(~uint128(0) - 255 + p); };
    const bool adding = random() % 2 == 0;
    if (adding) {
      set.add({point(a), point(b)});
    } else {
      set.subtract({point(a), point(b)});
    }
    std::fill(model.begin() + static_cast<std::ptrdiff_t>(a), model.begin() + static_cast<std::ptrdiff_t>(b) + 1, adding);
    for (std::size_t p = 0; p < 256; ++p) REQUIRE(set.contains(point(p)) == model[p]);
    CHECK(set.intersects({point(a), point(b)}) == adding);
    CHECK(set.covers({point(a), point(b)}) == adding);
  }
}

TEST_CASE("on each arc the set is constant, and at its ends it changes") {
  std::mt19937_64 random(5);
  for (const std::size_t count : {1U, 2U, 5U, 6U, 7U, 11U, 40U}) {
    const auto ring = make_ring(random, count);
    const replica_sets sets(ring[0].node, ring, 1000, 5);
    const auto arcs = sets.arcs();
    uint128 next = 0;
    for (const auto& a : arcs) {
      CHECK(overlay::to_integer(a.first) == next);
      next = overlay::to_integer(a.last) + 1;
      CHECK(sets.view(a).has_value());
      for (int i = 0; i < 20; ++i) {
        const auto width = overlay::to_integer(a.last) - overlay::to_integer(a.first);
        const auto inside =
            from_integer(overlay::to_integer(a.first) +
                         (width == ~uint128(0) ? uint128(random()) << 64 : (uint128(random()) << 64 | random()) % (width + 1)));
        REQUIRE(sets.view(inside) == sets.view(a.first));
      }
    }
    CHECK(next == 0);
    CHECK(arcs.size() == (count > 5 ? count + 1 : 1));
  }
}

TEST_CASE("the set of a key is the k nodes nearest to it, and its view names their incarnations") {
  std::mt19937_64 random(6);
  auto ring = make_ring(random, 20);
  for (int i = 0; i < 50; ++i) {
    const auto key = random_id(random);
    std::ranges::sort(ring, [&](const member& a, const member& b) { return overlay::nearer(a.node, b.node, key); });
    const replica_sets sets(ring[3].node, ring, 1000, 5);
    const auto set = sets.set(key);
    REQUIRE(set.size() == 5);
    for (std::size_t n = 0; n < 5; ++n) CHECK(set[n].node == ring[n].node);
    CHECK(sets.root(key) == ring[0].node);
    auto restarted = ring;
    restarted[4].incarnation = 2;
    CHECK(replica_sets(ring[3].node, restarted, 1000, 5).view(key) != sets.view(key));
    restarted = ring;
    restarted[5].incarnation = 2;
    CHECK(replica_sets(ring[3].node, restarted, 1000, 5).view(key) == sets.view(key));
    restarted = ring;
    restarted[0].suspect = true;
    const replica_sets doubtful(ring[3].node, restarted, 1000, 5);
    CHECK(doubtful.view(key) == sets.view(key));  // a suspect is still a member
    CHECK(doubtful.stand_in(key) == ring[1].node);
  }
}

TEST_CASE("all members of a set compute the same view from their own leaf sets") {
  std::mt19937_64 random(7);
  for (const std::size_t leaf_set : {8U, 20U, 32U}) {
    const auto ring = make_ring(random, 100);
    for (int i = 0; i < 50; ++i) {
      const auto key = random_id(random);
      const replica_sets all(ring[0].node, ring, 1000, 5);
      for (const auto& m : all.set(key)) {
        const replica_sets own(m.node, known_to(ring, m.node, leaf_set), leaf_set, 5);
        CHECK(own.view(key) == all.view(key));
      }
    }
  }
}

TEST_CASE("with half a leaf set of k every node knows all arcs it has a share in") {
  std::mt19937_64 random(8);
  // In rings of little more than a leaf set, half of one may span more than half of the circle.
  for (const std::size_t count : {19U, 20U, 21U, 22U, 25U, 30U, 41U, 100U}) {
    CAPTURE(count);
    auto ring = make_ring(random, count);
    for (std::size_t i = 0; i < count; i += 2) ring[i].node = from_integer(overlay::to_integer(ring[i].node) / 4);  // crowded there
    const replica_sets all(ring[0].node, ring, 1000, 5);
    for (const auto& m : ring) {
      const replica_sets own(m.node, known_to(ring, m.node, 20), 20, 5);
      overlay::arc_set mine;
      for (const auto& a : own.arcs_of(m.node)) mine.add(a);
      for (const auto& a : all.arcs()) CHECK(mine.covers(a) == all.has(a.first, m.node));
    }
  }
}

TEST_CASE("when a node dies, exactly the next nearest is a newcomer in its arcs") {
  std::mt19937_64 random(9);
  auto ring = make_ring(random, 12);
  const replica_sets before(ring[0].node, ring, 1000, 5);
  const auto dead = ring[7].node;
  std::erase_if(ring, [&](const member& m) { return m.node == dead; });
  const replica_sets after(ring[0].node, ring, 1000, 5);
  overlay::arc_set changed;
  for (const auto& [node, where] : newcomers(before, after)) {
    CHECK(before.has(where.first, dead));
    CHECK_FALSE(before.has(where.first, node));
    CHECK(after.has(where.last, node));
    CHECK_FALSE(changed.intersects(where));
    changed.add(where);
  }
  for (const auto& a : before.arcs()) CHECK(changed.covers(a) == before.has(a.first, dead));
}

TEST_CASE("a newcomer is unsynced until it says otherwise to one who has answered it") {
  std::mt19937_64 random(10);
  auto ring = make_ring(random, 5);
  const auto self = ring[0].node;
  overlay::sync_state state(self);
  replica_sets before(self, ring, 1000, 5);
  state.activated(before);
  CHECK_FALSE(state.synced_here(random_id(random)));
  state.synced_here(overlay::whole_ring());
  auto grown = ring;
  grown[3].incarnation = 2;
  const auto fresh = grown[3].node;
  const replica_sets after(self, grown, 1000, 5);
  state.changed(before, after);
  const auto key = random_id(random);
  CHECK(state.synced_here(key));
  CHECK(state.unsynced(fresh, key));
  CHECK(state.to_remind() == std::vector{fresh});
  state.synced(fresh, overlay::whole_ring());  // this node has not answered it yet
  CHECK(state.unsynced(fresh, key));
  state.answered(fresh, overlay::whole_ring());
  state.synced(fresh, {from_integer(0), from_integer(1000)});
  CHECK(state.unsynced(fresh, key));
  CHECK_FALSE(state.unsynced(fresh, from_integer(1000)));
  state.synced(fresh, overlay::whole_ring());
  CHECK_FALSE(state.unsynced(fresh, key));
  CHECK(state.to_remind().empty());
  grown[3].incarnation = 3;
  state.changed(after, replica_sets(self, grown, 1000, 5));
  state.synced(fresh, overlay::whole_ring());  // the answer it got was to its former self
  CHECK(state.unsynced(fresh, key));
}

TEST_CASE("a node that becomes the root of a set it was in answers alone only when it has compared") {
  const auto self = from_integer(1000);
  const auto key = from_integer(1400);
  std::vector<overlay::member> four;
  for (const std::uint64_t id : {1000U, 1500U, 3000U, 4000U})
    four.push_back({.node = from_integer(id), .incarnation = 1, .active = true, .suspect = false});
  auto three = four;
  three.erase(three.begin() + 1);
  const overlay::replica_sets before(self, four, 1000, 5);
  const overlay::replica_sets after(self, three, 1000, 5);
  overlay::sync_state state(self);
  state.changed(before, after);
  CHECK(state.synced_here(key));  // what was answered before counts on it still
  CHECK_FALSE(state.proven(key));
  state.synced_here(overlay::whole_ring());
  CHECK(state.proven(key));
}

TEST_CASE("a lower version never replaces a higher one, and an equal one changes nothing") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  using outcome = overlay::replica_store::outcome;
  CHECK(store.put({}, kind, value_at(5, "k", "five"), signer, start) == outcome::stored);
  CHECK(store.put({}, kind, value_at(4, "k", "four"), signer, start) == outcome::older);
  CHECK(store.put({}, kind, value_at(5, "k", "five", 9), signer, start) == outcome::identical);
  CHECK(store.find({{}, kind, core::to_bytes("k")})->lifetime_left(start) == 100);
  CHECK(store.put({}, kind, value_at(6, "k", "six"), signer, start) == outcome::stored);
  CHECK(store.size() == 1);
  store.raise_generation({}, kind, 7);
  store.raise_generation({}, kind, 3);
  CHECK(store.generation({}, kind) == 7);
}

TEST_CASE("values expire by the monotonic clock, from receipt, and are passed on with what is left") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  store.put({}, kind, value_at(5, "a", "x", 100), signer, start);
  store.put({}, kind, value_at(5, "b", "x", 50), signer, start);
  CHECK(store.find({{}, kind, core::to_bytes("a")})->passed_on(start + 30500ms).lifetime == 69);
  CHECK(store.next_expiry() == start + 50s);
  CHECK(store.expire(start + 49s) == 0);
  CHECK(store.expire(start + 50s) == 1);
  store.put({}, kind, value_at(6, "a", "y", 100), signer, start + 60s);  // renewed
  CHECK(store.expire(start + 159s) == 0);
  CHECK(store.expire(start + 160s) == 1);
  CHECK(store.size() == 0);
  CHECK(store.resources(overlay::whole_ring()).empty());
  CHECK_FALSE(store.next_expiry().has_value());
}

TEST_CASE("quotas bound the values of a name, of an owner and of a node") {
  overlay::replica_store store(overlay::known_kinds(), {.records_max = 40}, {.values_per_owner_max = 3});
  const auto signer = make_certificate("alice@example.com");
  const auto& kind = overlay::resource_kind;
  const auto own = [](const std::string& entry) { return value_at(2, std::string(1, '\1') + entry, "x"); };
  const auto domains = [](const std::string& entry, std::size_t size = 1) {
    return value_at(2, std::string(1, '\2') + entry, std::string(size, 'x'));
  };
  const auto room = [&](std::uint64_t resource, const overlay::stored_data& d, const std::string& owner) {
    return store.room_for(from_integer(resource), kind, {d}, {owner}).has_value();
  };
  for (std::uint64_t i = 0; i < 3; ++i) store.put(from_integer(i), kind.id, own("alice"), signer, start);
  CHECK(room(2, own("alice"), "alice@example.com"));  // replaces one
  CHECK_FALSE(room(3, own("alice"), "alice@example.com"));
  CHECK(room(3, own("bob"), "bob@example.com"));
  for (int i = 0; i < 32; ++i) store.put(from_integer(9), kind.id, domains(std::to_string(i)), signer, start);
  CHECK_FALSE(room(9, domains("32"), "carol@example.com"));
  CHECK(room(9, domains("31"), "carol@example.com"));
  CHECK_FALSE(room(8, domains("1", 49 * 1024), "carol@example.com"));
  for (int i = 0; i < 5; ++i) store.put(from_integer(10), kind.id, domains(std::to_string(i)), signer, start);
  CHECK_FALSE(room(11, domains("1"), "carol@example.com"));  // 40 are held
  CHECK(store.room_for(from_integer(11), kind, {domains("1")}, {"alice@example.com"}).error() == overlay::errc::quota_exceeded);
}

TEST_CASE("a node's bytes are bounded, a smaller value may replace a larger one, and what expires makes room") {
  overlay::replica_store store(overlay::known_kinds(), {.record_bytes_max = 5000});
  const auto signer = make_certificate("alice@example.com");
  const auto& kind = overlay::resource_kind;
  const auto sized = [](std::size_t size, std::uint64_t time) { return value_at(time, "k", std::string(size, 'x'), 60); };
  const auto room = [&](std::uint64_t resource, std::size_t size) {
    return store.room_for(from_integer(resource), kind, {sized(size, 3)}, {"alice@example.com"}).has_value();
  };
  store.put(from_integer(1), kind.id, sized(3000, 1), signer, start);
  CHECK_FALSE(room(2, 3000));
  CHECK(room(2, 1000));
  CHECK(room(1, 4000));
  CHECK_FALSE(room(1, 5000));
  store.put(from_integer(1), kind.id, sized(100, 2), signer, start);
  CHECK(room(2, 3000));
  store.put(from_integer(2), kind.id, sized(4000, 2), signer, start);
  CHECK_FALSE(room(3, 1000));
  CHECK(store.room_for(from_integer(3), kind, {sized(1000, 3)}, {"alice@example.com"}).error() == overlay::errc::quota_exceeded);
  store.expire(start + 60s);
  CHECK(room(3, 4000));
}

TEST_CASE("Find gives the nearest resource, around the ring's zero, too") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  CHECK_FALSE(store.nearest({}, kind).has_value());
  std::mt19937_64 random(11);
  std::vector<overlay::resource_id> all;
  for (int i = 0; i < 30; ++i) {
    all.push_back(random_id(random));
    store.put(all.back(), kind, value_at(1, "k", "x"), signer, start);
    for (int j = 0; j < 20; ++j) {
      const auto to = j == 0 ? from_integer(~uint128(0)) : random_id(random);
      const auto best = *std::ranges::min_element(all, [&](const auto& a, const auto& b) { return overlay::nearer(a, b, to); });
      CHECK(store.nearest(to, kind) == best);
    }
  }
}

TEST_CASE("a comparison finds exactly what differs, however it is split") {
  std::mt19937_64 random(12);
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  overlay::replica_store a(overlay::known_kinds(), {});
  overlay::replica_store b(overlay::known_kinds(), {});
  std::set<overlay::item_key> wanted, offered;
  for (int i = 0; i < 400; ++i) {
    const auto resource = random_id(random);
    const overlay::item_key key{resource, kind, core::to_bytes("k")};
    const auto kindly = random() % 20;
    if (kindly != 0) a.put(resource, kind, value_at(5, "k", "x"), signer, start);
    if (kindly != 1) b.put(resource, kind, value_at(kindly == 2 ? 6 : kindly == 3 ? 4 : 5, "k", "x"), signer, start);
    if (kindly == 0 || kindly == 2) wanted.insert(key);
    if (kindly == 1 || kindly == 3) offered.insert(key);
  }
  std::vector<arc> open{overlay::whole_ring()};
  std::set<overlay::item_key> found_wanted, found_offered;
  while (!open.empty()) {
    const auto where = open.back();
    open.pop_back();
    if (overlay::arc_digest(a, where) == overlay::arc_digest(b, where)) continue;
    const auto theirs = overlay::list_items(b, where, 1'000'000);
    if (theirs.size() > 10) {
      for (const auto& part : overlay::split(where)) open.push_back(part);
      continue;
    }
    const auto d = overlay::compare(a, where, theirs);
    found_wanted.insert(d.wanted.begin(), d.wanted.end());
    found_offered.insert(d.offered.begin(), d.offered.end());
  }
  CHECK(found_wanted == wanted);
  CHECK(found_offered == offered);
}

TEST_CASE("parts of an arc cover it without overlap, down to a single point") {
  std::mt19937_64 random(13);
  for (int i = 0; i < 200; ++i) {
    const auto width = i < 40 ? uint128(i) : (uint128(random()) << 64 | random()) >> (random() % 128);
    const auto first = width == 0 ? uint128(7) : (~uint128(0) - width) / 2;
    const auto parts = overlay::split({from_integer(first), from_integer(first + width)});
    REQUIRE_FALSE(parts.empty());
    CHECK(parts.size() <= 16);
    auto next = first;
    for (const auto& p : parts) {
      CHECK(overlay::to_integer(p.first) == next);
      CHECK(p.first <= p.last);
      next = overlay::to_integer(p.last) + 1;
    }
    CHECK(next == first + width + 1);
  }
}

TEST_CASE("a batch of values stays near 30 kB, carries each certificate once, and takes all in the end") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  std::vector<overlay::item_key> keys;
  for (std::uint64_t i = 0; i < 100; ++i) {
    store.put(from_integer(i), kind, value_at(1, "k", std::string(1000, 'x')), signer, start);
    keys.push_back({from_integer(i), kind, core::to_bytes("k")});
  }
  std::size_t values = 0, batches = 0;
  while (!keys.empty()) {
    const auto batch = overlay::take_batch(store, keys, start);
    const auto encoded = batch.encode();
    CHECK(encoded.size() < 36'000);
    CHECK(batch.certificates.size() == 1);
    const auto back = overlay::sync_values::decode(encoded, overlay::known_kinds(), identity::trust("example.org"));
    REQUIRE(back.has_value());
    CHECK(back->values.size() == batch.values.size());
    values += batch.values.size();
    ++batches;
  }
  CHECK(values == 100);
  CHECK(batches == 4);
}

TEST_CASE("a write is done with a majority, and begins anew when no majority can be had") {
  std::mt19937_64 random(14);
  const auto set = make_ring(random, 5);
  using step = overlay::write_quorum::step;
  const auto stored = answer_with(overlay::code::store_req + 1);
  auto disagrees = answer_with(0, overlay::error_code::forbidden);
  disagrees.contents.extensions.push_back(overlay::replica_state{.view = 7, .holders = 0, .members = {}, .unsynced = {}}.encode());
  overlay::write_quorum q(set, set[0].node);
  CHECK(q.targets().size() == 4);
  q.take(set[1].node, stored);
  q.take(set[1].node, stored);  // counts once
  CHECK(q.next() == step::wait);
  q.take(set[2].node, disagrees);
  CHECK(q.next() == step::wait);
  q.take(set[3].node, stored);
  CHECK(q.next() == step::done);
  CHECK(q.holders() == 3);

  overlay::write_quorum refused(set, set[0].node);
  for (std::size_t i = 1; i < 4; ++i) refused.take(set[i].node, disagrees);
  CHECK(refused.next() == step::again);
  CHECK(refused.disagreeing().size() == 3);

  overlay::write_quorum older(set, set[0].node);
  older.take(set[4].node, answer_with(0, overlay::error_code::data_too_old));
  CHECK(older.next() == step::superseded);
  CHECK(older.newer() == set[4].node);

  auto doubtful = set;
  doubtful[1].suspect = doubtful[2].suspect = true;
  overlay::write_quorum few(doubtful, set[0].node);
  few.take(set[3].node, stored);
  CHECK(few.next() == step::wait);
  few.take(set[4].node, core::fail(overlay::errc::timed_out));
  CHECK(few.next() == step::again);  // nobody of whom an answer is expected is left
}

TEST_CASE("a write ends when a majority refuses for reasons that asking again does not heal, and with the first of them") {
  std::mt19937_64 random(15);
  const auto set = make_ring(random, 5);
  using step = overlay::write_quorum::step;
  using namespace overlay::error_code;
  for (const auto error : {forbidden, invalid_message, data_too_large, message_too_large, unknown_extension}) {
    overlay::write_quorum q(set, set[0].node);
    q.take(set[1].node, answer_with(0, error));
    q.take(set[2].node, answer_with(0, error));
    CHECK(q.next() == step::wait);  // two of the others make a majority with the root
    q.take(set[3].node, answer_with(0, error));
    CHECK(q.next() == step::refused);
    CHECK(q.refusal()->code == error);
  }
  for (const auto error : {request_timeout, unknown_kind, in_progress, config_too_old, config_too_new}) {
    overlay::write_quorum q(set, set[0].node);
    for (std::size_t i = 1; i < 5; ++i) q.take(set[i].node, answer_with(0, error));
    CHECK(q.next() == step::again);
    CHECK_FALSE(q.refusal().has_value());
  }
}

TEST_CASE("values of several users in one store count against each of them, and a domain's against the domain") {
  overlay::replica_store store(overlay::known_kinds(), {}, {.values_per_owner_max = 2, .values_per_domain_max = 3});
  const auto signer = make_certificate("node1@example.com");
  const auto& kind = overlay::resource_kind;
  const auto entry = [](overlay::key_form form, const std::string& name, std::uint8_t b) {
    overlay::resource_key key{.form = form, .binding = {}, .name = *overlay::name::parse(name)};
    key.binding[0] = b;
    auto d = value_at(2, "", "x");
    d.value.key = key.encode();
    return d;
  };
  const std::vector<overlay::stored_data> two{entry(overlay::key_form::owner, "data:a@example.com", 1),
                                              entry(overlay::key_form::owner, "data:a@example.com", 2)};
  const std::vector<overlay::stored_data> three{two[0], two[1], entry(overlay::key_form::owner, "data:a@example.com", 3)};
  CHECK(store.room_for(from_integer(1), kind, two, {"a@example.com", "a@example.com"}));
  CHECK_FALSE(store.room_for(from_integer(1), kind, three, {"a@example.com", "a@example.com", "a@example.com"}));
  CHECK(store.room_for(from_integer(1), kind, three, {"a@example.com", "a@example.com", "b@example.com"}));
  // Whoever signs last does not pay, nor get, for the others.
  CHECK_FALSE(store.room_for(from_integer(1), kind, three, {"b@example.com", "b@example.com", "b@example.com"}));
  for (std::uint8_t i = 0; i < 3; ++i) {
    const auto d = entry(overlay::key_form::domain, "data:u@example.com", i);
    REQUIRE(store.room_for(from_integer(i), kind, {d}, {"node1@example.com"}));
    store.put(from_integer(i), kind.id, d, signer, start);
  }
  CHECK_FALSE(store.room_for(from_integer(9), kind, {entry(overlay::key_form::domain, "data:u@example.com", 9)}, {"node1@example.com"}));
  CHECK_FALSE(store.room_for(from_integer(9), kind, {entry(overlay::key_form::domain, "data:u@example.com", 9)}, {"node2@example.com"}));
  CHECK(store.room_for(from_integer(9), kind, {entry(overlay::key_form::domain, "data:u@example.org", 9)}, {"node1@example.com"}));
  store.erase(from_integer(0));
  CHECK(store.room_for(from_integer(9), kind, {entry(overlay::key_form::domain, "data:u@example.com", 9)}, {"node1@example.com"}));
}

TEST_CASE("whatever is put, expires and is erased, the counts beside the values are theirs") {
  std::mt19937_64 random(16);
  overlay::replica_store store(overlay::known_kinds(), {});
  const std::vector signers{make_certificate("alice@example.com"), make_certificate("bob@example.com")};
  auto now = start;
  for (int i = 0; i < 2000; ++i) {
    const auto resource = from_integer(random() % 8);
    const auto kind = overlay::known_kinds()[random() % 2].id;
    const auto what = random() % 20;
    if (what == 0) {
      store.erase(resource);
    } else if (what == 1) {
      now += std::chrono::seconds(random() % 20);
      store.expire(now);
    } else if (what == 2) {
      store.raise_generation(resource, kind, random() % 100);
    } else {
      auto d = value_at(1 + random() % 100, std::to_string(random() % 4), std::string(random() % 50, 'x'),
                        static_cast<std::uint32_t>(1 + random() % 60));
      d.value.exists = random() % 4 != 0;
      store.put(resource, kind, d, signers[random() % signers.size()], now);
    }
    REQUIRE(store.invariant());
  }
  CHECK(store.size() > 0);
  store.expire(now + 61s);
  CHECK(store.size() == 0);
  CHECK(store.invariant());
}

TEST_CASE("no node raises a generation to its end") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  store.put(from_integer(1), overlay::resource_kind.id, value_at(2, "k", "x"), signer, start);
  store.raise_generation(from_integer(1), overlay::resource_kind.id, 5);
  store.raise_generation(from_integer(1), overlay::resource_kind.id, ~std::uint64_t{0});
  const auto raised = store.generation(from_integer(1), overlay::resource_kind.id);
  CHECK(raised == 5 + overlay::replica_store::generation_step_max);
  store.raise_generation(from_integer(1), overlay::resource_kind.id, raised + 1);
  CHECK(store.generation(from_integer(1), overlay::resource_kind.id) == raised + 1);
}

TEST_CASE("a quorum read counts only members of one view whom nobody lists as unsynced") {
  std::mt19937_64 random(15);
  const auto set = make_ring(random, 5);
  using step = overlay::read_quorum::step;
  const auto key = core::to_bytes("k");
  const overlay::version old_version{.storage_time = 1, .hash = {}};
  const overlay::version new_version{.storage_time = 2, .hash = {}};
  overlay::replica_state agrees{.view = 7, .holders = 0, .members = {}, .unsynced = {}};
  overlay::read_quorum q(set, set[0].node, 7, {set[1].node});
  q.take(set[0].node, std::nullopt, {});
  auto others = std::vector{set[2].node, set[3].node, set[4].node};
  std::ranges::sort(others);
  CHECK(q.promising() == others);
  CHECK(q.missing() == 2);
  q.take(set[1].node, agrees, {});  // unsynced in this node's knowledge
  auto other = agrees;
  other.view = 8;
  q.take(set[2].node, other, {{key, old_version}});
  CHECK(q.disagreeing() == std::vector{set[2].node});
  q.take(set[3].node, agrees, {{key, new_version}});
  CHECK(q.next() == step::wait);
  auto lists = agrees;
  lists.unsynced = {set[3].node};
  q.take(set[4].node, lists, {{key, old_version}});
  CHECK(q.next() == step::again);  // 0 and 4 count, 3 is listed by 4
  CHECK(q.missing() == 1);
  CHECK(q.promising().empty());

  overlay::read_quorum good(set, set[0].node, 7, {});
  good.take(set[0].node, std::nullopt, {});
  good.take(set[3].node, agrees, {{key, new_version}});
  good.take(set[4].node, agrees, {{key, old_version}});
  CHECK(good.next() == step::done);
  const auto s = good.short_of();  // this node keeps it by merging, 3 has it: one more is needed
  CHECK(s.entries == std::set{key});
  CHECK(s.lacking == std::set{set[4].node});
  CHECK(s.needed == 1);
}

}  // namespace replica_set_test

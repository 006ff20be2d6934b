#include "storage/replica_store.hpp"

#include <doctest.h>

#include "kinds/resource_key.hpp"
#include "phyllo/overlay/errc.hpp"
#include "support/replica_values.hpp"

namespace replica_store_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::from_integer;
using overlay::uint128;
using testing::make_certificate;
using testing::random_id;
using testing::value_at;

namespace {

const auto start = testing::replica_start;

}  // namespace

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

TEST_CASE("whoever listens is told of each resource whose values change, and of no other") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  std::vector<overlay::resource_id> told;
  store.on_change([&](const overlay::resource_id& r) { told.push_back(r); });
  const auto heard = [&] { return std::exchange(told, {}); };
  store.put(from_integer(1), kind, value_at(5, "k", "x", 50), signer, start);
  CHECK(heard() == std::vector{from_integer(1)});
  store.put(from_integer(1), kind, value_at(5, "k", "x"), signer, start);  // the same
  store.put(from_integer(1), kind, value_at(4, "k", "x"), signer, start);  // an older one
  store.raise_generation(from_integer(1), kind, 9);
  CHECK(heard().empty());
  store.put(from_integer(2), kind, value_at(5, "k", "x"), signer, start);
  CHECK(heard() == std::vector{from_integer(2)});
  store.expire(start + 50s);
  CHECK(heard() == std::vector{from_integer(1)});
  store.erase(from_integer(1));  // there is nothing any more
  CHECK(heard().empty());
  store.erase(from_integer(2));
  CHECK(heard() == std::vector{from_integer(2)});
}

TEST_CASE("values are counted by Kind as long as they are held, and a tombstone is no live value") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  const auto other = overlay::kind_number::sip_registration;
  auto removed = value_at(5, "k", "");
  removed.value.exists = false;
  store.put(from_integer(1), kind, removed, signer, start);
  CHECK_FALSE(store.live(from_integer(1)));
  CHECK_FALSE(store.live(from_integer(2)));
  store.put(from_integer(1), kind, value_at(5, "l", "x"), signer, start);
  store.put(from_integer(1), other, value_at(5, "k", "x"), signer, start);
  CHECK(store.live(from_integer(1)));
  CHECK(store.size() == 3);
  CHECK(store.instances() == std::map<overlay::kind_id, std::uint64_t>{{kind, 2}, {other, 1}});
  CHECK(store.values(from_integer(1), kind).size() == 2);
  CHECK(store.values(from_integer(1), 99).empty());
  store.put(from_integer(1), other, value_at(6, "k", "y"), signer, start);  // in its place
  CHECK(store.instances().at(other) == 1);
  store.erase(from_integer(1));
  CHECK(store.instances().empty());
  CHECK(store.size() == 0);
  CHECK_FALSE(store.next_expiry().has_value());
}

TEST_CASE("what is held in an arc is gone through in order, until somebody has seen enough") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  for (const std::uint64_t r : {7U, 3U, 5U, 9U})
    store.put(from_integer(r), overlay::resource_kind.id, value_at(5, "k", "x"), signer, start);
  const overlay::arc where{from_integer(3), from_integer(7)};
  std::vector<overlay::resource_id> seen;
  store.for_each(where, [&](const auto& r, auto, const auto&, const auto&) { seen.push_back(r); });
  CHECK(seen == std::vector{from_integer(3), from_integer(5), from_integer(7)});
  CHECK(store.resources(where) == seen);
  seen.clear();
  store.for_each_while(where, [&](const auto& r, auto, const auto&, const auto&) {
    seen.push_back(r);
    return seen.size() < 2;
  });
  CHECK(seen == std::vector{from_integer(3), from_integer(5)});
}

TEST_CASE("a value of a time to come gives way to one that is not") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  using outcome = overlay::replica_store::outcome;
  CHECK(store.put({}, kind, value_at(100, "k", "to come"), signer, start) == outcome::stored);
  CHECK(store.put({}, kind, value_at(5, "k", "now"), signer, start) == outcome::older);
  CHECK(store.put({}, kind, value_at(5, "k", "now"), signer, start, {.latest = 50}) == outcome::stored);
  CHECK(store.put({}, kind, value_at(100, "k", "to come"), signer, start, {.latest = 50}) == outcome::older);
}

TEST_CASE("a lifetime that is left is of whole seconds, and never less than none") {
  overlay::held_value v{.data = value_at(1, "k", "x"), .version = {}, .signer = make_certificate("a@example.com"), .expires = start + 10s};
  CHECK(v.lifetime_left(start) == 10);
  CHECK(v.lifetime_left(start + 1ms) == 9);
  CHECK(v.lifetime_left(start + 9001ms) == 0);
  CHECK(v.lifetime_left(start + 1h) == 0);
  CHECK(v.passed_on(start + 5s).lifetime == 5);
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

}  // namespace replica_store_test

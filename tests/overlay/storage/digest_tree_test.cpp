#include "storage/digest_tree.hpp"

#include <doctest.h>

#include <set>

#include "support/replica_values.hpp"

namespace digest_tree_test {

using namespace phyllo;
using overlay::arc;
using overlay::from_integer;
using overlay::uint128;
using testing::make_certificate;
using testing::random_id;
using testing::value_at;

namespace {

const auto start = testing::replica_start;
constexpr auto kind = overlay::resource_kind.id;

struct held {
  void put(std::uint64_t resource, std::uint64_t time, const std::string& entry = "k") {
    store.put(from_integer(resource), kind, value_at(time, entry, "x"), signer, start);
  }
  overlay::replica_store store{overlay::known_kinds(), {}};
  identity::certificate signer = make_certificate("alice@example.com");
};

overlay::item_key key(std::uint64_t resource) { return {from_integer(resource), kind, core::to_bytes("k")}; }
arc between(std::uint64_t first, std::uint64_t last) { return {from_integer(first), from_integer(last)}; }

}  // namespace

TEST_CASE("a comparison finds exactly what differs, however it is split") {
  std::mt19937_64 random(12);
  const auto signer = make_certificate("alice@example.com");
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

TEST_CASE("a digest is of what an arc holds, in whatever order that has come, and of its versions") {
  held a, b;
  CHECK(overlay::arc_digest(a.store, between(0, 9)) == overlay::arc_digest(b.store, between(0, 9)));
  for (const std::uint64_t r : {1U, 2U, 3U}) a.put(r, 5);
  for (const std::uint64_t r : {3U, 1U, 2U}) b.put(r, 5);
  CHECK(overlay::arc_digest(a.store, between(0, 9)) == overlay::arc_digest(b.store, between(0, 9)));
  CHECK(overlay::arc_digest(a.store, between(0, 2)) != overlay::arc_digest(a.store, between(0, 3)));
  b.put(2, 6);
  CHECK(overlay::arc_digest(a.store, between(0, 9)) != overlay::arc_digest(b.store, between(0, 9)));
  CHECK(overlay::arc_digest(a.store, between(3, 9)) == overlay::arc_digest(b.store, between(3, 9)));
}

TEST_CASE("a list of what is held ends with the item that is more than there is room for") {
  held h;
  for (std::uint64_t r = 0; r < 10; ++r) h.put(r, 5);
  constexpr std::size_t item = 17 + 4 + 2 + 1 + 8 + 32;  // as sync_message has it, with an entry of one octet
  CHECK(overlay::list_items(h.store, between(0, 9), 10 * item).size() == 10);
  CHECK(overlay::list_items(h.store, between(0, 9), 4 * item).size() == 5);
  CHECK(overlay::list_items(h.store, between(0, 9), 4 * item - 1).size() == 4);
  const auto some = overlay::list_items(h.store, between(3, 4), 10 * item);
  REQUIRE(some.size() == 2);
  CHECK(some[0].key == key(3));
  CHECK(some[0].version == h.store.find(key(3))->version);
}

TEST_CASE("what another tells beyond the arc is not looked at, and what is of a time to come gives way") {
  held h;
  h.put(1, 5);
  h.put(2, 9);
  const overlay::sync_item newer{key(1), {.storage_time = 8, .hash = {}}};
  const overlay::sync_item beyond{key(7), {.storage_time = 8, .hash = {}}};
  const auto d = overlay::compare(h.store, between(0, 3), {newer, beyond});
  CHECK(d.wanted == std::vector{key(1)});
  CHECK(d.offered == std::vector{key(2)});
  const auto cautious = overlay::compare(h.store, between(0, 3), {newer, {key(2), {.storage_time = 6, .hash = {}}}}, {.latest = 7});
  CHECK(cautious.wanted == std::vector{key(2)});
  CHECK(cautious.offered == std::vector{key(1)});
}

}  // namespace digest_tree_test

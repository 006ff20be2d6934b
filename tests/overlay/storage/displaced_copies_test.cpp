#include "storage/displaced_copies.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"

namespace displaced_copies_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::displaced_copies;
using overlay::item_key;
using overlay::member;
using overlay::replica_sets;
using overlay::resource_id;
using testing::id;

namespace {

constexpr core::time_point start{1h};
constexpr auto kind = overlay::resource_kind.id;
const auto self = id(0x10);

replica_sets ring_of(std::vector<overlay::node_id> nodes) {
  std::vector<member> known;
  for (const auto& n : nodes) known.push_back({.node = n, .incarnation = 1, .active = true, .suspect = false});
  return {self, known, 32, 1};
}

identity::certificate make_certificate() {
  const auto now = core::from_unix_milliseconds(1'767'225'600'000);
  const auto ca = identity::authority::create("test", now - 1h);
  identity::authority::request r;
  r.node.octets.fill(5);
  r.user = "alice@example.com";
  r.overlay = "test.overlay";
  r.not_before = now - 1h;
  r.not_after = now + 24h;
  const auto key = identity::private_key::generate();
  return ca.issue(r, key.native()).value();
}

// A value in the own share, and one that the node 0x50 is to have.
struct scene {
  scene() {
    for (const auto& r : {mine, theirs}) {
      overlay::stored_data d;
      d.storage_time = 1;
      d.lifetime = 86400;
      d.value.key = core::to_bytes("k");
      store.put(r, kind, d, make_certificate(), start);
    }
  }
  auto due(core::duration after, const replica_sets& sets) { return copies.due(sets, store, overlay::known_kinds(), self, start + after); }

  const resource_id mine = id(0x11), theirs = id(0x51);
  const replica_sets ring = ring_of({self, id(0x50), id(0x90), id(0xd0)});
  const std::map<overlay::node_id, std::vector<item_key>> handed{{id(0x50), {{theirs, kind, core::to_bytes("k")}}}};
  overlay::replica_store store{overlay::known_kinds(), {}};
  displaced_copies copies{10min};
};

}  // namespace

TEST_CASE("what is held outside the own share stays for ten minutes, and then goes by way of its root") {
  scene s;
  CHECK(s.due(0s, s.ring).empty());
  CHECK(s.due(9min, s.ring).empty());
  CHECK(s.due(10min, s.ring) == s.handed);
  CHECK(s.due(11min, s.ring) == s.handed);  // nobody has taken it
  s.copies.gone(s.theirs);
  CHECK(s.due(12min, s.ring).empty());
}

TEST_CASE("what was read from the file is given at the first look") {
  scene s;
  s.copies.from_file(s.theirs);
  s.copies.from_file(s.mine);
  CHECK(s.copies.count_from_file() == 2);
  CHECK(s.due(0s, s.ring) == s.handed);
  CHECK(s.copies.count_from_file() == 0);
}

TEST_CASE("what the own share has covered meanwhile is displaced anew") {
  scene s;
  CHECK(s.due(0s, s.ring).empty());
  CHECK(s.due(9min, ring_of({self})).empty());
  CHECK(s.due(11min, s.ring).empty());
  CHECK(s.due(20min, s.ring).empty());
  CHECK(s.due(21min, s.ring) == s.handed);
}

TEST_CASE("the next offer is the earliest that was asked for since the last, or since the ring's last change") {
  displaced_copies copies(10min);
  CHECK(copies.next_offer() == core::time_point::max());
  copies.offer_at(start + 5s);
  copies.offer_by(start + 9s);
  CHECK(copies.next_offer() == start + 5s);
  copies.offer_by(start + 2s);
  CHECK(copies.next_offer() == start + 2s);
  copies.offer_at(start + 7s);
  CHECK(copies.next_offer() == start + 7s);
  copies.offered();
  CHECK(copies.next_offer() == core::time_point::max());
}

}  // namespace displaced_copies_test

#include "chord/chord_replicas.hpp"

#include <doctest.h>

#include "support/chord_ids.hpp"

namespace chord_replicas_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::chord_replicas;
using overlay::key_range;
using overlay::node_id;
using overlay::successor_lists;
using copy = overlay::chord_actions::copy;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{100s};

// Node 80 between 70 and 90, in a ring of seven.
struct middle {
  middle() {
    for (const auto& n : places_at({0x50, 0x60, 0x70, 0x90, 0xa0, 0xb0})) lists.insert(n);
    replicas.begin(lists);
  }
  // "node: (after, upto]" of each copy wanted.
  std::vector<std::pair<node_id, key_range>> now(core::time_point when) {
    std::vector<std::pair<node_id, key_range>> out;
    for (const auto& c : of<copy>(replicas.update(lists, when))) out.emplace_back(c.to, c.keys);
    return out;
  }
  successor_lists lists{place(0x80), 3};
  chord_replicas replicas;
};

using copies = std::vector<std::pair<node_id, key_range>>;

}  // namespace

TEST_CASE("as long as nothing changes nothing is copied") {
  middle m;
  CHECK(m.now(start).empty());
  CHECK(m.replicas.next_due() == core::time_point::max());
}

TEST_CASE("a nearer successor is given copies at once") {
  middle m;
  m.lists.insert(place(0x88));
  CHECK(m.now(start) == copies{{place(0x88), {place(0x70), place(0x80)}}});
  CHECK(m.now(start).empty());
}

TEST_CASE("who replaces a second replica that was lost waits for the hold-down time, and is given copies if it is still there") {
  middle m;
  m.replicas.note_lost(place(0xa0), start);
  m.lists.erase(place(0xa0));
  CHECK(m.now(start).empty());
  CHECK(m.replicas.next_due() == start + 30s);
  m.lists.insert(place(0x98));  // a better match
  CHECK(m.now(start + 29s).empty());
  CHECK(m.now(start + 30s) == copies{{place(0x98), {place(0x70), place(0x80)}}});
  CHECK(m.replicas.next_due() == core::time_point::max());
}

TEST_CASE("the first replica, who takes over, never waits") {
  middle m;
  for (const auto& n : places_at({0x90, 0xa0})) {
    m.replicas.note_lost(n, start);
    m.lists.erase(n);
  }
  CHECK(m.now(start) == copies{{place(0xb0), {place(0x70), place(0x80)}}});
}

TEST_CASE("what a lost predecessor was responsible for is copied to both replicas") {
  middle m;
  m.lists.erase(place(0x70));
  const key_range gained{place(0x60), place(0x70)};
  CHECK(m.now(start) == copies{{place(0x90), gained}, {place(0xa0), gained}});
}

TEST_CASE("predecessors that come without having joined here are given their parts, and a joiner only what it has not") {
  middle m;
  m.lists.insert(place(0x74));
  m.lists.insert(place(0x78));
  CHECK(m.now(start) == copies{{place(0x78), {place(0x74), place(0x78)}}, {place(0x74), {place(0x70), place(0x74)}}});

  middle j;
  j.replicas.note_given({place(0x70), place(0x78)});
  j.lists.insert(place(0x78));
  CHECK(j.now(start).empty());

  middle k;  // its range has grown since
  k.replicas.note_given({place(0x74), place(0x78)});
  k.lists.insert(place(0x78));
  CHECK(k.now(start) == copies{{place(0x78), {place(0x70), place(0x78)}}});
}

TEST_CASE("a replica that waits while a joiner takes a part of the range gets copies of that part, too") {
  middle m;
  m.replicas.note_lost(place(0xa0), start);
  m.lists.erase(place(0xa0));
  CHECK(m.now(start).empty());
  m.replicas.note_given({place(0x70), place(0x78)});
  m.lists.insert(place(0x78));
  CHECK(m.now(start + 1s).empty());
  CHECK(m.now(start + 30s) == copies{{place(0xb0), {place(0x70), place(0x80)}}});
}

TEST_CASE("the last one of a ring, and the first that joins it") {
  successor_lists l(place(0x80), 3);
  chord_replicas r;
  r.begin(l);
  l.insert(place(0x20));
  const auto wanted = of<copy>(r.update(l, start));
  REQUIRE(wanted.size() == 2);
  CHECK(wanted[0].to == place(0x20));
  CHECK(wanted[0].keys == key_range{place(0x80), place(0x20)});
  CHECK(wanted[1].keys == key_range{place(0x20), place(0x80)});
  l.erase(place(0x20));
  CHECK(r.update(l, start).empty());
  CHECK(r.range().contains(place(0x10)));
}

}  // namespace chord_replicas_test

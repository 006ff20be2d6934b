#include "chord/successor_lists.hpp"

#include <doctest.h>

#include <algorithm>

#include "support/chord_ids.hpp"

namespace successor_lists_test {

using namespace phyllo::testing;
using phyllo::overlay::key_range;
using phyllo::overlay::node_id;
using phyllo::overlay::successor_lists;

namespace {

successor_lists lists_of(std::uint8_t self, std::initializer_list<std::uint8_t> others, std::size_t each = 3) {
  successor_lists l(place(self), each);
  for (const auto o : others) l.insert(place(o));
  return l;
}

}  // namespace

TEST_CASE("a range of keys is open at its beginning and closed at its end, also across zero") {
  const key_range r{place(0xf0), place(0x10)};
  CHECK_FALSE(r.contains(place(0xf0)));
  CHECK(r.contains(place(0xf0, 1)));
  CHECK(r.contains(place(0)));
  CHECK(r.contains(place(0x10)));
  CHECK_FALSE(r.contains(place(0x10, 1)));
  CHECK(key_range{place(5), place(5)}.contains(place(5)));
  CHECK(key_range{place(5), place(5)}.contains(place(4)));
}

TEST_CASE("the arcs of a range have the same keys") {
  const auto within = [](const key_range& r, const node_id& key) {
    return std::ranges::any_of(phyllo::overlay::arcs_of(r), [&](const auto& a) { return a.contains(key); });
  };
  for (const auto& r : {key_range{place(0xf0), place(0x10)}, key_range{place(0x10), place(0xf0)}, key_range{place(9), place(9)}}) {
    for (const auto first : {0x00, 0x09, 0x10, 0x80, 0xf0, 0xff}) {
      for (const auto last : {0, 1}) {
        const auto key = place(static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last));
        CHECK(within(r, key) == r.contains(key));
      }
    }
  }
}

TEST_CASE("the nearest peers on each side are kept, nearest first") {
  const auto l = lists_of(0x80, {0x10, 0x90, 0x70, 0xa0, 0x60, 0xb0, 0xc0, 0x50});
  CHECK(l.successors() == places_at({0x90, 0xa0, 0xb0}));
  CHECK(l.predecessors() == places_at({0x70, 0x60, 0x50}));
  CHECK(l.members() == places_at({0x90, 0xa0, 0xb0, 0x70, 0x60, 0x50}));
  CHECK_FALSE(l.whole_ring());
  CHECK(l.would_take(place(0x55)));
  CHECK_FALSE(l.would_take(place(0x40)));
  CHECK_FALSE(l.would_take(place(0x90)));
}

TEST_CASE("in a small ring a peer stands in both lists, and this node in none") {
  auto l = lists_of(0x80, {0x90, 0x70});
  CHECK_FALSE(l.insert(place(0x80)));
  CHECK_FALSE(l.insert(place(0x90)));
  CHECK(l.successors() == places_at({0x90, 0x70}));
  CHECK(l.predecessors() == places_at({0x70, 0x90}));
  CHECK(l.members().size() == 2);
  CHECK(l.whole_ring());
}

TEST_CASE("fewer than three on each side can not be asked for") {
  CHECK(lists_of(0x80, {0x90, 0xa0, 0xb0, 0xc0}, 1).successors().size() == 3);
}

TEST_CASE("a peer is responsible for what lies between its predecessor and itself") {
  CHECK(lists_of(0x80, {}).responsible().contains(place(0x81)));
  auto l = lists_of(0x80, {0x90, 0x70});
  CHECK(l.responsible() == key_range{place(0x70), place(0x80)});
  CHECK(l.erase(place(0x70)));
  CHECK_FALSE(l.erase(place(0x70)));
  CHECK(l.responsible() == key_range{place(0x90), place(0x80)});
}

TEST_CASE("replicas are at the two next successors, and what three predecessors are nearer to is not kept") {
  auto l = lists_of(0x80, {0x90, 0xa0, 0xb0, 0x70, 0x60, 0x50});
  CHECK(l.replica_set() == places_at({0x90, 0xa0}));
  CHECK(l.kept() == key_range{place(0x50), place(0x80)});
  CHECK(lists_of(0x80, {0x90, 0xa0}).kept().contains(place(0x85)));
}

}  // namespace successor_lists_test

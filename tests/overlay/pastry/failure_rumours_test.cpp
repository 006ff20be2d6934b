#include "pastry/failure_rumours.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/node_ids.hpp"
#include "phyllo/core/metrics.hpp"

namespace failure_rumours_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};

node_id at(std::uint8_t place) { return testing::id(place); }

// Four on each side, of nodes at 10, 20, 30 and so on.
leaf_set leafs_at(std::uint8_t place) {
  leaf_set l(at(place), 8);
  for (std::uint8_t i = 1; i <= 4; ++i) {
    l.insert(at(static_cast<std::uint8_t>(place + 10 * i)));
    l.insert(at(static_cast<std::uint8_t>(place - 10 * i)));
  }
  return l;
}

leaf_set_state state_of(const leaf_set& l) {
  leaf_set_state s;
  s.left = l.left();
  s.right = l.right();
  return s;
}

struct scene {
  // `teller` calls `failed` failed, and has it in its leaf set no more.
  void hear(std::uint8_t teller, const node_id& failed) {
    auto theirs = leafs_at(teller);
    theirs.erase(failed);
    rumours.hear(failed, at(teller), state_of(theirs), theirs);
  }

  core::metrics metrics;
  failure_rumours rumours{{1, 2}, {3, 4}, metrics.evictions("test")};
};

}  // namespace

TEST_CASE("whom the first member to tell of a failure names was told by it, and nobody else") {
  scene s;
  s.hear(90, at(100));
  s.hear(130, at(100));
  const auto heard = s.rumours.take(at(100));
  CHECK(heard.spread);
  for (const auto& told : {at(50), at(60), at(70), at(80), at(90), at(110), at(120), at(130)}) CHECK(heard.informed.contains(told));
  CHECK_FALSE(heard.informed.contains(at(140)));  // is named by the second only
  CHECK(heard.named_by == at(130));
  CHECK(std::ranges::find(heard.names, at(140)) != heard.names.end());
  CHECK(std::ranges::find(heard.names, at(100)) == heard.names.end());
  CHECK(s.rumours.take(at(100)).informed.empty());
}

TEST_CASE("who misses a node in its table only has told nobody, so that who hears it tells the others") {
  scene s;
  s.hear(200, at(100));
  auto heard = s.rumours.take(at(100));
  CHECK_FALSE(heard.spread);
  CHECK(heard.informed == std::set{at(200)});
  CHECK(tells_of(leafs_at(80), at(100), suspicion::told, heard));
  s.hear(90, at(100));
  heard = s.rumours.take(at(100));
  CHECK_FALSE(tells_of(leafs_at(80), at(100), suspicion::told, heard));
  CHECK(tells_of(leafs_at(90), at(100), suspicion::told, heard));     // its neighbour
  CHECK(tells_of(leafs_at(80), at(100), suspicion::overdue, heard));  // found it so itself
  CHECK_FALSE(tells_of(leafs_at(80), at(100), suspicion::closed, heard));
}

TEST_CASE("those are concerned whose leaf sets the failed node belongs to, and who do not know it yet") {
  const auto all = concerned(at(90), leafs_at(90), at(100), 4, {});
  CHECK(all == std::vector{at(60), at(70), at(80), at(110), at(120), at(130)});
  CHECK(concerned(at(90), leafs_at(90), at(100), 2, {at(80), at(110)}) == std::vector{at(120)});
}

TEST_CASE("in a ring that is smaller than the leaf set each is told once") {
  leaf_set l(at(90), 8);
  for (const auto& n : {at(100), at(110), at(120)}) l.insert(n);
  auto told = concerned(at(90), l, at(100), 4, {});
  std::ranges::sort(told);
  CHECK(told == std::vector{at(110), at(120)});
}

TEST_CASE("a node that was found alive at a word is not asked again for the next thirty seconds") {
  scene s;
  s.rumours.refute(at(100), start);  // nothing was told of it
  CHECK_FALSE(s.rumours.refuted(at(100), start));
  s.hear(90, at(100));
  s.rumours.refute(at(100), start);
  CHECK(s.rumours.refuted(at(100), start + 30s - 1ms));
  CHECK_FALSE(s.rumours.refuted(at(100), start + 30s));
  s.rumours.forget_old(start + 29s);
  CHECK(s.rumours.refuted(at(100), start + 29s));
}

TEST_CASE("honest words are remembered whole, a liar's to a bound") {
  scene s;
  for (unsigned i = 0; i < 2 * failure_rumours::informed_max; ++i) {
    node_id liar;
    liar.octets = {1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i & 0xff)};
    leaf_set_state nothing;
    s.rumours.hear(at(100), liar, nothing, leaf_set(liar, 8));
  }
  CHECK(s.rumours.take(at(100)).informed.size() == failure_rumours::informed_max);
}

}  // namespace failure_rumours_test

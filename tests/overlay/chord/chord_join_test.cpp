#include "chord/chord_join.hpp"

#include <doctest.h>

#include "support/chord_ids.hpp"

namespace chord_join_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace overlay::chord_actions;
using overlay::chord_join;
using step = chord_join::step;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{100s};
const auto self = place(0x80);
const auto ap = place(0x90);

// One that has sent its Join to `ap`.
chord_join asking() {
  chord_join j(self);
  j.begin(start);
  (void)j.advance({ap, false, false}, start);
  j.located(ap, start);
  (void)j.advance({ap, true, false}, start);
  REQUIRE(j.at() == step::admit);
  return j;
}

}  // namespace

TEST_CASE("a joiner finds a bootstrap node, attaches to n+1, meets its neighbors, asks and is named (RFC 6940 s.10.5)") {
  chord_join j(self);
  CHECK(j.advance({}, start).empty());
  j.begin(start);
  CHECK(of<find_bootstrap>(j.advance({}, start)).size() == 1);
  CHECK(j.advance({}, start + 1s).empty());
  CHECK(of<find_bootstrap>(j.advance({}, start + chord_join::contact_again)).size() == 1);

  const auto attaches = of<attach>(j.advance({place(0x20), false, false}, start + 6s));
  REQUIRE(attaches.size() == 1);
  CHECK(attaches.front().to == overlay::destination::to_resource(place(0x80, 1)));
  j.located(ap, start + 7s);
  CHECK(j.advance({place(0x20), false, false}, start + 7s).empty());  // it has not told its neighbours
  CHECK(j.advance({ap, true, true}, start + 7s).empty());             // not all of them are linked
  const auto asked = of<ask_join>(j.advance({ap, true, false}, start + 8s));
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().at == ap);

  CHECK_FALSE(j.updated(ap, places_at({0x70}), start + 8s));
  j.answered(ap, true, start + 8s);
  CHECK(j.at() == step::settle);
  CHECK_FALSE(j.updated(place(0x20), {self}, start + 9s));  // it was not asked
  CHECK(j.updated(ap, {self}, start + 9s));
}

TEST_CASE("the nearest peer after the joiner is asked, whoever has answered the Attach") {
  chord_join j(self);
  j.begin(start);
  (void)j.advance({place(0xa0), false, false}, start);
  j.located(place(0xa0), start);
  const auto asked = of<ask_join>(j.advance({ap, true, false}, start));
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().at == ap);
}

TEST_CASE("a neighbor that can not be linked keeps nobody out for longer than a step") {
  chord_join j(self);
  j.begin(start);
  (void)j.advance({ap, false, false}, start);
  j.located(ap, start);
  CHECK(j.advance({ap, true, true}, start + 9s).empty());
  CHECK(of<ask_join>(j.advance({ap, true, true}, start + chord_join::step_max)).size() == 1);
}

TEST_CASE("a joiner begins again when it is refused, gets no answer, or loses the peer it has asked") {
  auto refused = asking();
  refused.answered(ap, false, start);
  CHECK(refused.at() == step::contact);
  CHECK(of<attach>(refused.advance({ap, false, false}, start)).size() == 1);

  auto silent = asking();
  CHECK(silent.advance({ap, true, false}, start + 9s).empty());
  CHECK(of<attach>(silent.advance({ap, true, false}, start + chord_join::step_max)).size() == 1);

  auto lost = asking();
  lost.lost(place(0x20), start);
  CHECK(lost.at() == step::admit);
  lost.lost(ap, start);
  CHECK(lost.at() == step::contact);

  chord_join unlocated(self);
  unlocated.begin(start);
  (void)unlocated.advance({ap, false, false}, start);
  unlocated.located(std::nullopt, start);
  CHECK(unlocated.advance({ap, false, false}, start).empty());
  CHECK(of<attach>(unlocated.advance({ap, false, false}, start + chord_join::locate_again)).size() == 1);
}

TEST_CASE("a joiner that others have come before asks them, and is in the ring all the same if it is named later") {
  auto j = asking();
  j.answered(ap, true, start);
  CHECK_FALSE(j.updated(ap, places_at({0x88, 0x84}), start));
  CHECK(j.at() == step::contact);
  CHECK(j.updated(ap, {place(0x88), self}, start + 1s));
}

}  // namespace chord_join_test

#include "pastry/pastry_links.hpp"

#include <doctest.h>

#include "overlay/support/pastry_node.hpp"

namespace pastry_links_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

TEST_CASE("there is room for so many that are not active, and always for those who are") {
  auto o = pastry_node::options();
  o.clients_max = 1;
  pastry_node s(o);
  CHECK(s.plugin.links().has_room_for(id(0x85)));
  const auto member = s.meet_member(0x85);
  const auto client = s.meet(0x86, false);
  CHECK_FALSE(s.plugin.links().has_room_for(id(0x87)));
  CHECK(s.plugin.links().has_room_for(member.id()));
}

TEST_CASE("two hundred links of clients are taken a second, after four hundred at once") {
  pastry_node s;
  unsigned taken = 0;
  for (unsigned i = 0; i < 1000; ++i) taken += s.plugin.links().has_room_for(id(0x85)) ? 1 : 0;
  CHECK(taken == 400);
  s.world.run_for(1s);
  for (unsigned i = 0; i < 1000; ++i) taken += s.plugin.links().has_room_for(id(0x85)) ? 1 : 0;
  CHECK(taken == 600);
}

TEST_CASE("where a link was dialled its end is remembered, and when it was made") {
  pastry_node s;
  const auto other = s.meet(0x85);
  CHECK(s.plugin.links().places_of(other.id()).empty());
  s.plugin.links().on_linked(other.id(), *other.link, true, false);
  CHECK(s.plugin.links().places_of(other.id()).size() == 1);
  CHECK(s.plugin.links().heard(other.id()) == s.world.now());
}

}  // namespace pastry_links_test

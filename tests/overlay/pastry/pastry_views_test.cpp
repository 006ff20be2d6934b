#include "pastry/pastry_views.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/pastry_node.hpp"

namespace pastry_views_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

TEST_CASE("who was granted its place and is active enters the leaf set; who only says so does not") {
  pastry_node s;
  const auto stranger = s.meet(0x84);
  (void)s.ask(stranger, pastry_node::state(leaf_set_state::flag_active));
  CHECK(s.plugin.knows().neighbours().empty());
  const auto member = s.meet_member(0x85);
  CHECK(s.plugin.knows().neighbours() == std::vector{member.id()});
  CHECK(s.told.changes > 0);
}

TEST_CASE("that an active node joins is older than what it has said, and a new incarnation has to be admitted again") {
  pastry_node s;
  const auto member = s.meet_member(0x85);
  (void)s.ask(member, pastry_node::state(0));
  CHECK(s.plugin.knows().neighbours() == std::vector{member.id()});
  auto again = pastry_node::state(leaf_set_state::flag_active);
  again.incarnation = 8;
  (void)s.ask(member, again);
  (void)s.ask(member, pastry_node::state(leaf_set_state::flag_leaving));
  CHECK(s.plugin.knows().neighbours().empty());
}

TEST_CASE("whom a member names is linked, and is not tried again for a while when that fails") {
  pastry_node s;
  const auto member = s.meet_member(0x85);
  auto told = pastry_node::state(leaf_set_state::flag_active);
  told.left = {id(0x84)};
  (void)s.ask(member, told);
  s.wait();
  const auto asked = pastry_parts::asked_of(*member.link);
  CHECK(std::ranges::find(asked, code::attach_req, &message_contents::code) != asked.end());  // through it
  for (int i = 0; i < 6; ++i) s.wait(1s);
  CHECK(s.plugin.knows().has_failed(id(0x84)));
}

}  // namespace pastry_views_test

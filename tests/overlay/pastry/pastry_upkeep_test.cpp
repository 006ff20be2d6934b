#include "pastry/pastry_upkeep.hpp"

#include <doctest.h>

#include "overlay/support/pastry_node.hpp"

namespace pastry_upkeep_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

TEST_CASE("a neighbour that was silent for a heartbeat is asked, and under suspicion three seconds later") {
  pastry_node s;
  const auto neighbour = s.meet_member(0x85);
  for (int i = 0; i < 3; ++i) s.wait(1s);
  s.answer(neighbour);  // who has joined compares rows
  const auto before = pastry_parts::probes_of(*neighbour.link).size();
  for (int i = 0; i < 28; ++i) s.wait(1s);
  CHECK(pastry_parts::probes_of(*neighbour.link).size() == before);
  for (int i = 0; i < 2; ++i) s.wait(1s);
  CHECK(pastry_parts::probes_of(*neighbour.link).size() == before + 1);
  CHECK_FALSE(s.plugin.knows().members().back().suspect);
  for (int i = 0; i < 3; ++i) s.wait(1s);
  CHECK(s.plugin.knows().members().back().suspect);
}

TEST_CASE("a joiner that does not become active in its time has no place any more") {
  pastry_node s;
  const auto joiner = s.meet(0x85);
  (void)s.ask(joiner, pastry_node::state(leaf_set_state::flag_asks));
  CHECK(s.plugin.knows().neighbours() == std::vector{joiner.id()});
  for (int i = 0; i < 8; ++i) s.wait(1s);
  CHECK(s.plugin.knows().neighbours().empty());
}

TEST_CASE("what is due is done when it is due, and no later than asked for") {
  pastry_node s;
  const auto due = s.plugin.next_due();
  CHECK(due > s.world.now());
  CHECK(due <= s.world.now() + 1s);
  s.wait(due - s.world.now());
  CHECK(s.plugin.next_due() > s.world.now());
}

}  // namespace pastry_upkeep_test

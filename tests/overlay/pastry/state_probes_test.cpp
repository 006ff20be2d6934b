#include "pastry/state_probes.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace state_probes_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

TEST_CASE("a probe is open until it is answered or timed out, and who is asked is not asked again to be reconciled") {
  pastry_parts p;
  const auto n = p.well->peer().node();
  p.probes.reconcile(n);
  p.probes.reconcile(n);
  p.wait(2s);
  CHECK(pastry_parts::probes_of(*p.well).size() == 1);
  CHECK(p.probes.open(n));
  p.probes.send(n, leaf_set_state::flag_asks);
  CHECK(p.probes.open().at(n) == 2);
  p.wait(1s);
  CHECK(pastry_parts::probes_of(*p.well).size() == 2);
  REQUIRE(p.answered.size() == 1);
  CHECK(p.answered.front().first == n);
  CHECK(p.answered.front().second.error() == errc::timed_out);
  CHECK(p.probes.open(n));
  p.wait(2s);
  CHECK(p.answered.size() == 2);
  CHECK(p.probes.open().empty());
}

TEST_CASE("a probe goes by the link of who is asked, and bears this node's state with what is asked besides") {
  pastry_parts p;
  p.probes.send(p.suspect->peer().node(), leaf_set_state::flag_asks);
  p.wait();
  const auto told = pastry_parts::probes_of(*p.suspect);
  REQUIRE(told.size() == 1);
  CHECK(told.front().flags == (leaf_set_state::flag_active | leaf_set_state::flag_asks | leaf_set_state::flag_uses));
  CHECK(told.front().right == p.ring.leafs.right());
  CHECK(p.well->sent.empty());
}

}  // namespace state_probes_test

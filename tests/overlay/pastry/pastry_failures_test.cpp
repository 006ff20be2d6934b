#include "pastry/pastry_failures.hpp"

#include <doctest.h>

#include <algorithm>

#include "overlay/support/pastry_node.hpp"

namespace pastry_failures_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

bool suspected(const pastry_node& s, const node_id& n) {
  const auto members = s.plugin.knows().members();
  const auto at = std::ranges::find(members, n, &member::node);
  return at != members.end() && at->suspect;
}

}  // namespace

TEST_CASE("a member whose ACK is overdue is suspected until it says something, and fails when it says nothing") {
  pastry_node s;
  const auto other = s.meet_member(0x85);
  s.plugin.hears().on_overdue(other.id());
  CHECK(suspected(s, other.id()));
  s.plugin.hears().on_heard(other.id());
  CHECK_FALSE(suspected(s, other.id()));

  s.plugin.hears().on_overdue(other.id());
  for (int i = 0; i < 30; ++i) s.wait(100ms);
  CHECK(s.plugin.knows().neighbours().empty());
  CHECK(s.plugin.knows().has_failed(other.id()));
}

TEST_CASE("of others that fail a member tells those whose leaf sets they were in") {
  pastry_node s;
  const auto lost = s.meet_member(0x85);
  const auto told = s.meet_member(0x88);
  const auto before = pastry_parts::probes_of(*told.link).size();
  s.plugin.hears().on_overdue(lost.id());
  for (int i = 0; i < 30; ++i) {
    s.plugin.hears().on_heard(told.id());
    s.wait(100ms);
  }
  const auto probes = pastry_parts::probes_of(*told.link);
  REQUIRE(probes.size() > before);
  CHECK(probes.back().failed == std::vector{lost.id()});
}

TEST_CASE("a member that acknowledges and answers no probe is deaf") {
  pastry_node s;
  const auto other = s.meet_member(0x85);
  s.plugin.hears().on_unanswered(other.id());
  for (int i = 0; i < 8; ++i) {
    s.wait(1s);
    s.plugin.hears().on_heard(other.id());
  }
  CHECK(s.plugin.knows().neighbours().empty());
}

}  // namespace pastry_failures_test

#include "pastry/named_nodes.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace named_nodes_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

// The fixture's leaf set has room for six more.
struct scene : pastry_parts {
  named_nodes::wish name(const node_id& n) { return nodes.consider(n, by, world.now()); }
  node_record& linked(const node_id& n) {
    auto& r = ring.record(n);
    r.peer = r.active = r.link.open = true;
    return r;
  }

  node_id by = well->peer().node();
  leaf_set_admission admission{self, trust, ring, links, std::nullopt, {1, 2}, {3, 4}};
  named_nodes nodes{ring, failed, admission, probes};
};

}  // namespace

TEST_CASE("a stranger that the leaf set would take is met, and offered to an empty slot; while it is met it is of no concern") {
  scene s;
  auto wish = s.name(id(0x20));
  CHECK(wish.meet);
  CHECK(wish.offer);
  CHECK(s.nodes.meeting(id(0x20)));
  wish = s.name(id(0x20));
  CHECK_FALSE(wish.meet);
  CHECK_FALSE(wish.offer);
  s.nodes.met(id(0x20));
  CHECK_FALSE(s.nodes.meeting_any());
  s.failed.put_off(id(0x20), s.world.now() + 1s);
  CHECK_FALSE(s.name(id(0x20)).meet);
  s.world.run_for(1s);
  CHECK(s.name(id(0x20)).meet);
}

TEST_CASE("one that is linked and active enters, and is admitted by the word of one that is") {
  scene s;
  s.linked(id(0x20));
  CHECK(s.name(id(0x20)).enter);
  CHECK(s.ring.record(id(0x20)).admitted);
  s.linked(id(0x21));
  s.by = id(0x99);  // whom nobody knows
  CHECK(s.name(id(0x21)).enter);
  CHECK_FALSE(s.ring.record(id(0x21)).admitted);
  s.linked(id(0x22)).leaving = true;
  CHECK_FALSE(s.name(id(0x22)).enter);
}

TEST_CASE("one that has failed is asked through who names it, if the leaf set would take it; one that is asked, not at all") {
  scene s;
  s.failed.name(id(0x20), s.world.now() + 90s);
  CHECK(s.name(id(0x20)).ask_through);
  CHECK_FALSE(s.nodes.meeting_any());
  s.probes.send(id(0x21));
  const auto wish = s.name(id(0x21));
  CHECK_FALSE(wish.meet);
  CHECK_FALSE(wish.offer);
}

TEST_CASE("nobody is met who would be a leaf only until those that are being met are") {
  scene s;
  // With 85 and 86 four on each side, all nearer than what comes.
  for (std::uint8_t i = 1; i <= 6; ++i) CHECK(s.name(id(static_cast<std::uint8_t>(i <= 2 ? 0x80 + i : 0x80 - i))).meet);
  CHECK(s.ring.leafs.would_take(id(0x60)));
  CHECK_FALSE(s.name(id(0x60)).meet);
}

TEST_CASE("who fits nowhere is of no concern") {
  scene s;
  const auto wish = s.name(s.by);
  CHECK_FALSE(wish.enter);
  CHECK_FALSE(wish.meet);
}

}  // namespace named_nodes_test

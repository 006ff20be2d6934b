#include "pastry/leaf_set_repair.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace leaf_set_repair_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : pastry_parts {
  node_id linked(std::uint8_t first, bool admitted, core::duration silent_for) {
    const auto n = id(first);
    auto& r = ring.record(n);
    r.peer = r.active = r.link.open = true;
    r.admitted = admitted;
    r.link.heard = world.now() - silent_for;
    return n;
  }

  leaf_set_repair repair{ring, probes};
};

}  // namespace

TEST_CASE("a leaf set with room takes back who was heard lately; who was silent is asked first") {
  scene s;
  const auto heard = s.linked(0x90, true, 900ms);
  const auto silent = s.linked(0x91, true, 1s);
  const auto stranger = s.linked(0x92, false, 0s);
  s.repair.refill(s.world.now());
  CHECK(s.ring.leafs.contains(heard));
  CHECK_FALSE(s.ring.leafs.contains(silent));
  CHECK(s.probes.open(silent));
  CHECK_FALSE(s.probes.open(heard));
  CHECK_FALSE(s.ring.leafs.contains(stranger));
  CHECK_FALSE(s.probes.open(stranger));
}

TEST_CASE("a node that has lost a whole side takes whoever is there, and begins again with the peers that it is linked to") {
  scene s;
  for (auto* l : {s.suspect.get(), s.well.get()}) s.ring.leafs.erase(l->peer().node());
  s.ring.record(s.well->peer().node()).active = false;
  const auto silent = s.linked(0x91, true, 1h);
  const auto stranger = s.linked(0x92, false, 0s);
  s.repair.refill(s.world.now());
  CHECK(s.ring.leafs.members() == std::vector{silent});
  s.ring.leafs.erase(silent);
  s.ring.record(silent).active = false;
  s.repair.refill(s.world.now());
  CHECK(s.ring.leafs.members() == std::vector{stranger});
  CHECK(s.ring.record(stranger).admitted);
}

TEST_CASE("a joiner that has lost a side believes nobody for it") {
  scene s;
  s.ring.active = false;
  for (auto* l : {s.suspect.get(), s.well.get()}) s.ring.leafs.erase(l->peer().node());
  s.ring.record(s.well->peer().node()).active = false;
  (void)s.linked(0x92, false, 0s);
  s.repair.refill(s.world.now());
  CHECK(s.ring.leafs.empty());
}

}  // namespace leaf_set_repair_test

#include "pastry/pastry_clock.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace pastry_clock_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : pastry_parts {
  message_contents probe_of(core::duration ahead) {
    route_query_request q;
    q.target = destination::to_node(ring.self());
    q.type = query_type::probe;
    q.state.clock_ms = core::unix_milliseconds(world.env().wall_now() + std::chrono::duration_cast<core::wall_time::duration>(ahead));
    message_contents m;
    m.code = code::route_query_req;
    m.body = q.encode();
    return m;
  }

  pastry_clock clocks{parts, ring, probes, upkeep, told};
};

}  // namespace

TEST_CASE("who could judge nobody leaves when what they tell of their clocks shows that its own is wrong") {
  scene s;
  CHECK_FALSE(s.clocks.watch(s.world.now()));
  s.clocks.note_unjudged(s.well->peer().node(), s.probe_of(48h));
  CHECK(s.told.agendas == 1);
  CHECK_FALSE(s.clocks.watch(s.world.now()));  // one of two
  CHECK(s.probes.open().size() == 2);          // whose clocks it asks for
  s.clocks.note_unjudged(s.suspect->peer().node(), s.probe_of(48h));
  CHECK(s.clocks.watch(s.world.now()));
  s.ring.active = false;
  CHECK(s.clocks.blind());
  CHECK_FALSE(s.clocks.watch(s.world.now()));  // it is no member
  s.clocks.note_judged(s.well->peer().node());
  CHECK_FALSE(s.clocks.blind());
}

TEST_CASE("a client's clock may show anything") {
  scene s;
  const auto n = s.well->peer().node();
  leaf_set_state told;
  told.clock_ms = 1;
  s.ring.record(n).peer = false;
  s.clocks.note(n, told);
  CHECK_FALSE(s.ring.record(n).clock_off);
  s.ring.record(n).peer = true;
  s.clocks.note(n, told);
  CHECK(s.ring.record(n).clock_off);
}

}  // namespace pastry_clock_test

#include "pastry/pastry_forming.hpp"

#include <doctest.h>

#include "overlay/support/pastry_parts.hpp"

namespace pastry_forming_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

// A node that joins, and two that are linked and not active.
struct scene : pastry_parts {
  scene() {
    ring.active = false;
    recover();
    for (auto* l : {well.get(), suspect.get()}) ring.record(l->peer().node()).active = false;
  }

  core::task_scope scope{world.env()};
  pastry_forming forming{parts, own, ring, probes, membership, scope};
};

}  // namespace

TEST_CASE("who forms a ring again says how many of its members it waits for, once it has looked for others") {
  scene s;
  CHECK(s.forming.nobody_active().message().find("of the 2 nodes that answer none is active") != std::string::npos);
  s.own.formation().emplace(s.ring.self(), std::vector{s.well->peer().node(), id(1), id(2)});
  CHECK(s.forming.waits_for().empty());
  s.forming.note_looked();
  CHECK(s.forming.waits_for().find("1 of the 4 members") != std::string::npos);
  CHECK(s.forming.nobody_active().message().find("forms the ring again with 3") != std::string::npos);
}

TEST_CASE("most of its members being here, and none of smaller Node-ID forming the ring, a node forms it after three seconds") {
  scene s;
  s.own.formation().emplace(s.ring.self(), std::vector{s.well->peer().node(), s.suspect->peer().node()});
  s.forming.begin();
  s.world.run_for(5s);
  CHECK(s.told.activations == 0);  // it has not looked for others yet
  s.forming.note_looked();
  s.world.run_for(1s);
  CHECK(s.own.formation()->may_form());
  CHECK(s.probes.open().size() == 2);  // whether they may form it, too
  s.world.run_for(3s);
  CHECK(s.told.activations == 1);
  CHECK(s.ring.active);
}

TEST_CASE("who is told to forms the ring at once, with whoever is there") {
  scene s;
  s.forming.ask();
  s.forming.begin();
  s.world.run_for(1ms);
  CHECK(s.told.activations == 1);
}

}  // namespace pastry_forming_test

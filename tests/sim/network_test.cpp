// Hosts of the simulated network that are killed, start again, or have more to do than they can.
#include "phyllo/sim/network.hpp"

#include <doctest.h>

#include "linked_hosts.hpp"

namespace network_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::linked_hosts;

TEST_CASE_FIXTURE(linked_hosts, "the links of a killed host break at once, or fall silent") {
  SUBCASE("with resets") {
    network.kill(1);
    world.run_for(100ms);
    CHECK(ears[0].closed);
  }
  SUBCASE("without") {
    network.resets = false;
    network.kill(1);
    world.run_for(1h);
    CHECK_FALSE(ears[0].closed);
    REQUIRE(doors[0].link->send(core::bytes{1}, 1).has_value());
    world.run_for(30s);
    CHECK(ears[0].closed);
  }
  network.restart(1, certify(1));
  network.at(1).accept(&doors[1]);
  world.run(dial());
  CHECK(doors[0].link->open());
  CHECK(doors[1].link->open());
}

TEST_CASE_FIXTURE(linked_hosts, "a host takes no more than it can: what comes too fast waits, and is dropped where the queue ends") {
  network.at(1).capacity = 50;
  network.at(1).queue = 1s;
  const auto start = world.now();
  for (unsigned i = 0; i < 100; ++i) REQUIRE(doors[0].link->send(core::bytes(50, std::uint8_t{7}), i + 1).has_value());
  world.run_until([&] { return ears[1].heard.size() == 40; }, 1h);
  CHECK(world.now() - start > 750ms);
  CHECK(world.now() - start < 1s);
  CHECK(world.run_until([&] { return ears[1].heard.size() == 100; }, 10s));
  CHECK(world.now() - start > 2s);
  CHECK_FALSE(ears[0].overdue.empty());
}

}  // namespace network_test

// Links of the simulated network under each fault.
#include "sim/network_link.hpp"

#include <doctest.h>

#include "linked_hosts.hpp"
#include "phyllo/transport/errc.hpp"

namespace network_link_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::linked_hosts;

TEST_CASE_FIXTURE(linked_hosts, "what is sent is heard once, and acknowledged after a round trip") {
  network.jitter = 0ms;
  const auto start = world.now();
  REQUIRE(doors[0].link->send(core::bytes{1, 2, 3}, 9).has_value());
  CHECK(world.run_until([this] { return !ears[1].heard.empty(); }, 1s));
  CHECK(world.now() - start == network.delay);
  CHECK(world.run_until([this] { return !ears[0].acknowledged.empty(); }, 1s));
  CHECK(world.now() - start == 2 * network.delay);
  CHECK(ears[0].overdue.empty());
}

TEST_CASE_FIXTURE(linked_hosts, "a lost message is told overdue and comes late, but comes") {
  network.loss = 0.3;
  send_hundred();
  CHECK(ears[1].heard.size() == 100);
  CHECK(ears[0].acknowledged.size() == 100);
  CHECK(ears[0].overdue.size() > 30);
  CHECK(ears[0].overdue.size() < 80);
}

TEST_CASE_FIXTURE(linked_hosts, "some messages are heard twice") {
  network.duplicates = 0.2;
  send_hundred();
  CHECK(ears[1].heard.size() > 105);
  CHECK(ears[1].heard.size() < 140);
}

TEST_CASE_FIXTURE(linked_hosts, "a link across a partition falls silent and gives up; what is sent after healing needs a new one") {
  network.side[1] = 1;
  REQUIRE(doors[0].link->send(core::bytes{1}, 1).has_value());
  world.run_for(30s);
  CHECK(ears[0].overdue == std::vector<std::uint64_t>{1});
  REQUIRE(ears[0].closed);
  CHECK(*ears[0].closed == transport::errc::timed_out);
  CHECK(ears[1].heard.empty());
  network.side.clear();
  world.run(dial());
  CHECK(doors[0].link->open());
}

TEST_CASE_FIXTURE(linked_hosts, "a message sent into a short partition is taken after it") {
  network.side[1] = 1;
  REQUIRE(doors[0].link->send(core::bytes{1}, 1).has_value());
  world.run_for(1s);
  network.side.clear();
  world.run_for(5s);
  CHECK(ears[1].heard.size() == 1);
  CHECK_FALSE(ears[0].closed);
}

TEST_CASE_FIXTURE(linked_hosts, "what comes before anybody observes waits, within a bound, and comes in its order") {
  network.jitter = 0ms;
  doors[1].link->observe(nullptr);
  for (std::uint8_t i = 0; i < 100; ++i) REQUIRE(doors[0].link->send(core::bytes{i}, 0).has_value());
  world.run_for(1s);
  CHECK(ears[1].heard.empty());
  doors[1].link->observe(&ears[1]);
  world.run_for(1s);
  REQUIRE(ears[1].heard.size() == 64);
  for (std::uint8_t i = 0; i < 64; ++i) CHECK(ears[1].heard[i] == core::bytes{i});
}

TEST_CASE_FIXTURE(linked_hosts, "an end that closes is told so at once, the other after the way there, and nothing is sent any more") {
  network.jitter = 0ms;
  const auto start = world.now();
  doors[0].link->close();
  CHECK_FALSE(doors[0].link->open());
  CHECK(doors[0].link->send(core::bytes{1}, 1).error() == transport::errc::closed);
  CHECK(world.run_until([this] { return ears[1].closed.has_value(); }, 1s));
  CHECK(world.now() - start == network.delay);
  REQUIRE(ears[0].closed.has_value());
  CHECK(*ears[0].closed == transport::errc::closed);
  CHECK(*ears[1].closed == transport::errc::closed);
}

TEST_CASE_FIXTURE(linked_hosts, "a link measures the way that the network has, and takes it for lost after twice that") {
  network.delay = 100ms;
  network.jitter = 10ms;
  CHECK(doors[0].link->rtt() == 210ms);
  CHECK(doors[0].link->rto() == 420ms);
  network.delay = 1ms;
  CHECK(doors[0].link->rto() == 50ms);
  network.delay = 10s;
  CHECK(doors[0].link->rto() == 1s);
}

}  // namespace network_link_test

#include "phyllo/sip/proxy_location.hpp"

#include <doctest.h>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/errc.hpp"
#include "support/recorded_overlay.hpp"
#include "support/simulated_world.hpp"

namespace proxy_location_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct fixture {
  testing::simulated_world world;
  testing::recorded_overlay ring;
  sip::proxy_place place{.address = "192.0.2.7", .sip = 5060, .sips = 5061, .node = identity::node_id{.octets = {7}}};
  std::vector<std::string> domains{"example.com", "example.net"};
  bool asked_to_publish = false;  // a second before the end

  // How often all has been stored, in a run of so long.
  std::size_t rounds(core::duration span) {
    ring.updated.clear();
    world.run(run_for(span));
    return ring.updated.size() / domains.size();
  }

  core::awaitable<void> run_for(core::duration span) {
    sip::proxy_location l(world.env(), ring, domains, place, core::logger());
    core::task_scope scope(world.env());
    scope.spawn(l.run());
    co_await core::sleep_for(world.env(), span - 1s);
    if (asked_to_publish) l.publish_now();
    co_await core::sleep_for(world.env(), 1s);
    scope.cancel();
    co_await scope.join();
    co_await l.withdraw();
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "each domain has an entry that says where its proxy is, and has it no more when the node drains") {
  REQUIRE(rounds(10s) == 1);
  CHECK(ring.updated[0].name.text() == "proxy location:example.com");
  CHECK(ring.updated[1].name.text() == "proxy location:example.net");
  REQUIRE(ring.updated[0].locations.size() == 1);
  const auto& l = ring.updated[0].locations[0];
  CHECK(l.node_ip == "192.0.2.7");
  CHECK(l.node == place.node);
  CHECK(l.transports == std::vector<std::string>{"UDP5060", "TCP5060", "TLS5061"});
  CHECK(ring.removed == std::vector<std::string>{"proxy location:example.com", "proxy location:example.net"});
}

TEST_CASE_FIXTURE(fixture, "a transport without a port is not named") {
  place.sip = 0;
  REQUIRE(rounds(10s) == 1);
  CHECK(ring.updated[0].locations.at(0).transports == std::vector<std::string>{"TLS5061"});
}

TEST_CASE_FIXTURE(fixture, "it is stored again at half of the record's life, at once when asked to, and soon where that failed") {
  CHECK(rounds(299s) == 1);
  CHECK(rounds(310s) == 2);
  asked_to_publish = true;
  CHECK(rounds(10s) == 2);
  asked_to_publish = false;
  ring.next = core::fail(overlay::errc::timed_out);
  CHECK(rounds(10s) >= 4);  // after a second at most, two, and four
  ring.next = core::fail(overlay::errc::quota_exceeded);
  CHECK(rounds(10s) == 1);  // with more proxies than a record holds some are enough
}

}  // namespace proxy_location_test

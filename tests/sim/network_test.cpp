// Links of the simulated network under each fault.
#include "phyllo/sim/network.hpp"

#include <doctest.h>

#include <array>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace network_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct ear final : transport::link_observer {
  void on_message(transport::link&, core::byte_view m) override { heard.push_back(core::to_bytes(m)); }
  void on_acknowledged(transport::link&, std::uint64_t token) override { acknowledged.push_back(token); }
  void on_overdue(transport::link&, std::uint64_t token) override { overdue.push_back(token); }
  void on_closed(transport::link&, const core::error& why) override { closed = why; }
  std::vector<core::bytes> heard;
  std::vector<std::uint64_t> acknowledged, overdue;
  std::optional<core::error> closed;
};

struct door final : transport::link_acceptor {
  void on_link(std::shared_ptr<transport::link> l) override { link = std::move(l); }
  std::shared_ptr<transport::link> link;
};

// Two hosts and a link between them.
struct two_hosts {
  two_hosts() {
    for (unsigned i = 0; i < 2; ++i) {
      network.add(certify(i));
      network.at(i).accept(&doors[i]);
    }
    world.run(dial());
    for (unsigned i = 0; i < 2; ++i) {
      REQUIRE(doors[i].link);
      doors[i].link->observe(&ears[i]);
    }
  }
  [[nodiscard]] identity::certificate certify(unsigned i) {
    identity::node_id id;
    id.octets[15] = static_cast<std::uint8_t>(i + 1);
    const auto now = world.wall_now();
    return ca.issue({id, "node@example.org", "example.org", {}, now - 1h, now + 24h}, key.native()).value();
  }
  core::awaitable<void> dial() {
    std::vector<transport::candidate> to{sim::network::candidate(1)};
    auto l = co_await network.at(0).connect(std::move(to), std::nullopt, world.now() + 5s);
    if (l) doors[0].link = std::move(*l);
  }
  // Host 0 sends a hundred.
  void send_hundred() {
    for (unsigned i = 0; i < 100; ++i) REQUIRE(doors[0].link->send(core::bytes(50, std::uint8_t{7}), i + 1).has_value());
    world.run_for(30s);
  }

  testing::simulated_world world{3};
  identity::authority ca = identity::authority::create("example CA", world.wall_now() - 2h);
  identity::private_key key = identity::private_key::generate();
  sim::network network{world};
  std::array<ear, 2> ears;
  std::array<door, 2> doors;
};

}  // namespace

TEST_CASE_FIXTURE(two_hosts, "what is sent is heard once, and acknowledged after a round trip") {
  network.jitter = 0ms;
  const auto start = world.now();
  REQUIRE(doors[0].link->send(core::bytes{1, 2, 3}, 9).has_value());
  CHECK(world.run_until([this] { return !ears[1].heard.empty(); }, 1s));
  CHECK(world.now() - start == network.delay);
  CHECK(world.run_until([this] { return !ears[0].acknowledged.empty(); }, 1s));
  CHECK(world.now() - start == 2 * network.delay);
  CHECK(ears[0].overdue.empty());
}

TEST_CASE_FIXTURE(two_hosts, "a lost message is told overdue and comes late, but comes") {
  network.loss = 0.3;
  send_hundred();
  CHECK(ears[1].heard.size() == 100);
  CHECK(ears[0].acknowledged.size() == 100);
  CHECK(ears[0].overdue.size() > 30);
  CHECK(ears[0].overdue.size() < 80);
}

TEST_CASE_FIXTURE(two_hosts, "some messages are heard twice") {
  network.duplicates = 0.2;
  send_hundred();
  CHECK(ears[1].heard.size() > 105);
  CHECK(ears[1].heard.size() < 140);
}

TEST_CASE_FIXTURE(two_hosts, "a link across a partition falls silent and gives up; what is sent after healing needs a new one") {
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

TEST_CASE_FIXTURE(two_hosts, "a message sent into a short partition is taken after it") {
  network.side[1] = 1;
  REQUIRE(doors[0].link->send(core::bytes{1}, 1).has_value());
  world.run_for(1s);
  network.side.clear();
  world.run_for(5s);
  CHECK(ears[1].heard.size() == 1);
  CHECK_FALSE(ears[0].closed);
}

TEST_CASE_FIXTURE(two_hosts, "the links of a killed host break at once, or fall silent") {
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

TEST_CASE_FIXTURE(two_hosts, "a host takes no more than it can: what comes too fast waits, and is dropped where the queue ends") {
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

TEST_CASE("distances are symmetric, and the same for the same seed") {
  for (const auto make :
       {+[](std::uint64_t s) { return sim::make_plane(s); }, +[](std::uint64_t s) { return sim::make_transit_stub(s); }}) {
    const auto one = make(1), same = make(1), other = make(2);
    unsigned differ = 0;
    for (unsigned a = 0; a < 40; ++a) {
      for (unsigned b = 0; b < a; ++b) {
        CHECK(one->one_way(a, b) == one->one_way(b, a));
        CHECK(one->one_way(a, b) == same->one_way(a, b));
        CHECK(one->one_way(a, b) < 250ms);
        differ += one->one_way(a, b) != other->one_way(a, b) ? 1 : 0;
      }
    }
    CHECK(differ > 700);
  }
}

}  // namespace network_test

// Two hosts of the simulated network and a link between them, whose ends note what they hear.
#pragma once

#include <doctest.h>

#include <array>
#include <optional>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/sim/network.hpp"
#include "support/simulated_world.hpp"

namespace phyllo::testing {

using namespace std::chrono_literals;

struct noting_ear final : transport::link_observer {
  void on_message(transport::link&, core::byte_view m) override { heard.push_back(core::to_bytes(m)); }
  void on_acknowledged(transport::link&, std::uint64_t token) override { acknowledged.push_back(token); }
  void on_overdue(transport::link&, std::uint64_t token) override { overdue.push_back(token); }
  void on_closed(transport::link&, const core::error& why) override { closed = why; }
  std::vector<core::bytes> heard;
  std::vector<std::uint64_t> acknowledged, overdue;
  std::optional<core::error> closed;
};

struct noting_door final : transport::link_acceptor {
  void on_link(std::shared_ptr<transport::link> l) override { link = std::move(l); }
  std::shared_ptr<transport::link> link;
};

struct linked_hosts {
  linked_hosts() {
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

  simulated_world world{3};
  identity::authority ca = identity::authority::create("example CA", world.wall_now() - 2h);
  identity::private_key key = identity::private_key::generate();
  sim::network network{world};
  std::array<noting_ear, 2> ears;
  std::array<noting_door, 2> doors;
};

}  // namespace phyllo::testing

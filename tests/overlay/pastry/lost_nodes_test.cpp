#include "pastry/lost_nodes.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"

namespace lost_nodes_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};

places at(std::uint16_t port) { return {{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), port}}}; }

}  // namespace

TEST_CASE("a node that was lost is remembered for an hour, where it was last, and not once it is found") {
  lost_nodes lost({1, 2});
  CHECK(lost.empty());
  lost.note(id(1), at(1), start);
  lost.note(id(1), at(2), start);
  lost.note(id(2), at(3), start + 30min);
  CHECK(lost.all() == std::vector{at(2), at(3)});
  lost.forget_old(start + 1h - 1ms);
  CHECK(lost.contains(id(1)));
  lost.forget_old(start + 1h);
  CHECK(lost.nodes() == std::vector{id(2)});
  lost.found(id(2));
  CHECK(lost.empty());
}

TEST_CASE("who was nowhere is not looked for") {
  lost_nodes lost({1, 2});
  lost.note(id(1), {}, start);
  CHECK(lost.empty());
}

TEST_CASE("any of those that were lost is as likely as another") {
  lost_nodes lost({1, 2});
  for (std::uint8_t i = 0; i < 4; ++i) lost.note(id(i), at(i), start);
  for (std::uint64_t random = 0; random < 8; ++random) {
    const auto [n, where] = lost.any(random);
    CHECK(n == id(static_cast<std::uint8_t>(random % 4)));
    CHECK(where == at(static_cast<std::uint16_t>(random % 4)));
  }
}

TEST_CASE("so many are remembered, and the oldest goes first") {
  lost_nodes lost({1, 2});
  for (std::size_t i = 0; i <= lost_nodes::lost_max; ++i) {
    lost.note(id(static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i & 0xff)), at(1), start);
  }
  CHECK(lost.nodes().size() == lost_nodes::lost_max);
  CHECK_FALSE(lost.contains(id(0)));
}

}  // namespace lost_nodes_test

#include "pastry/failed_nodes.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"

namespace failed_nodes_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;
using namespace std::chrono_literals;

namespace {

constexpr core::time_point start{1h};

failed_nodes none() { return {{1, 2}, {3, 4}, {5, 6}}; }

places somewhere() { return {{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), 1}}}; }

}  // namespace

TEST_CASE("a node that has failed is named for its time, the newest first, and remembered until it is forgotten") {
  auto failed = none();
  failed.name(id(1), start + 90s);
  failed.name(id(2), start + 30s);
  failed.name(id(3), start + 90s);
  CHECK(failed.names(start) == std::vector{id(3), id(2), id(1)});
  failed.name(id(1), start + 90s);  // once more
  CHECK(failed.names(start + 30s) == std::vector{id(1), id(3)});
  CHECK_FALSE(failed.named(id(2), start + 30s));
  CHECK(failed.contains(id(2)));
  failed.forget_old(start + 30s);
  CHECK_FALSE(failed.contains(id(2)));
  CHECK(failed.named(id(1), start + 89s));
}

TEST_CASE("no message names more than so many failed nodes") {
  auto failed = none();
  for (std::uint8_t i = 0; i < 100; ++i) failed.name(id(1, i), start + 90s);
  const auto named = failed.names(start);
  CHECK(named.size() == failed_nodes::named_max);
  CHECK(named.front() == id(1, 99));
}

TEST_CASE("who says something has not failed and is not lost; who is only looked for is lost all the same") {
  auto failed = none();
  for (std::uint8_t i = 1; i <= 2; ++i) {
    failed.name(id(i), start + 90s);
    failed.lost().note(id(i), somewhere(), start);
  }
  failed.unname(id(1));
  failed.found(id(2));
  CHECK(failed.names(start).empty());
  CHECK(failed.lost().nodes() == std::vector{id(1)});
}

TEST_CASE("who could not be linked is put off, and gets one turn when that is over") {
  auto failed = none();
  CHECK_FALSE(failed.is_put_off(id(1), start));
  failed.put_off(id(1), start + 30s);
  CHECK(failed.is_put_off(id(1), start + 29s));
  CHECK_FALSE(failed.take_turn(id(1), start + 29s, start + 60s));
  CHECK(failed.take_turn(id(1), start + 30s, start + 60s));
  CHECK_FALSE(failed.take_turn(id(1), start + 31s, start + 90s));
  CHECK(failed.take_turn(id(2), start, start + 30s));  // who was not
  failed.forget_old(start + 60s);
  CHECK(failed.take_turn(id(1), start + 60s, start + 90s));
}

}  // namespace failed_nodes_test

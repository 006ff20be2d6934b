#include "pastry/bootstrap_finder.hpp"

#include <doctest.h>

#include <optional>

#include "overlay/support/pastry_parts.hpp"

namespace bootstrap_finder_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : pastry_parts {
  core::result<node_id> find(places bootstrap, node_id last = node_id()) {
    std::optional<core::result<node_id>> out;
    world.run(keep(finder.find(std::move(bootstrap), world.now() + 10s, last), out));
    return std::move(*out);
  }
  static core::awaitable<void> keep(core::awaitable<core::result<node_id>> task, std::optional<core::result<node_id>>& out) {
    out.emplace(co_await std::move(task));
  }

  core::task_scope scope{world.env()};
  pastry_forming forming{parts, own, ring, probes, membership, scope};
  bootstrap_finder finder{parts, ring, forming};
};

}  // namespace

TEST_CASE("an active node that is linked already is taken, the one of the last attempt if there is no other") {
  scene s;
  const auto well = s.well->peer().node();
  const auto other = s.suspect->peer().node();
  CHECK(s.find({}).value() == well);
  s.recover();
  CHECK(s.find({}, well).value() == other);
  CHECK(s.find({}, other).value() == well);
  s.ring.record(other).active = false;
  CHECK(s.find({}, well).value() == well);
}

TEST_CASE("without an address of somebody else, nobody is active that answers") {
  scene s;
  s.ring.record(s.well->peer().node()).active = false;
  const auto own_address = simulated_network::candidate(0);
  const auto found = s.find({own_address});  // and that of the links in this test
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error() == errc::refused);
  CHECK(found.error().message().find("of the 1 nodes that answer none is active") != std::string::npos);
}

}  // namespace bootstrap_finder_test

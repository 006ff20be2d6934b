#include "pastry/pastry_joiner.hpp"

#include <doctest.h>

#include <algorithm>
#include <optional>

#include "overlay/support/pastry_node.hpp"

namespace pastry_joiner_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

peer_options alone() {
  auto o = pastry_node::options();
  o.first = false;
  return o;
}

struct scene : pastry_node {
  scene() : pastry_node(alone()) {}
  core::status join(places bootstrap) {
    std::optional<core::status> out;
    tasks.spawn(keep(plugin.join(std::move(bootstrap), world.now() + 2s), out));
    for (int i = 0; i < 200 && !out; ++i) wait(100ms);
    REQUIRE(out.has_value());
    return *out;
  }
  static core::awaitable<void> keep(core::awaitable<core::status> task, std::optional<core::status>& out) {
    out = co_await std::move(task);
  }

  core::task_scope tasks{world.env()};
};

}  // namespace

TEST_CASE("who knows nobody does not join, and says why; what it holds of those that it is linked to goes back") {
  scene s;
  const auto inactive = s.meet(0x85);
  auto joined = s.join({});
  REQUIRE_FALSE(joined.has_value());
  CHECK(joined.error() == errc::refused);
  CHECK(s.plugin.knows().state() == peer_state::joining);
  const auto leaving = [](const leaf_set_state& told) { return told.has(leaf_set_state::flag_leaving); };
  CHECK(std::ranges::none_of(pastry_parts::probes_of(*inactive.link), leaving));  // nothing was granted

  const auto active = s.meet(0x86);
  s.plugin.on_update(s.request(active, code::update_req, [] {
    update_request u;
    u.state = pastry_node::state(leaf_set_state::flag_active);
    return u.encode();
  }()));
  joined = s.join({});
  CHECK_FALSE(joined.has_value());
  s.wait();
  const auto told = pastry_parts::probes_of(*active.link);
  REQUIRE_FALSE(told.empty());
  CHECK(leaving(told.back()));
}

TEST_CASE("a node that is told to form the ring is active as soon as it joins") {
  scene s;
  s.plugin.form();
  CHECK(s.join({}).has_value());
  CHECK(s.plugin.knows().state() == peer_state::ready);
  CHECK(s.told.activations == 1);
}

}  // namespace pastry_joiner_test

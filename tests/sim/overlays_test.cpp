// One process in two overlays.
#include "phyllo/overlay/overlays.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "phyllo/sim/ring.hpp"

namespace overlays_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::errc;

namespace {

using answer = core::result<overlay::outcome>;

core::awaitable<void> keep(core::awaitable<answer> task, answer& into) { into = co_await std::move(task); }

sim::ring_options named(const std::string& name) {
  sim::ring_options o;
  o.overlay_name = name;
  return o;
}

answer finish(sim::ring& in, core::awaitable<answer> task) {
  answer out = core::fail(errc::timed_out);
  REQUIRE(in.world().finish(keep(std::move(task), out)));
  return out;
}

overlay::record with(const std::string& value) {
  overlay::record r;
  r.value = value;
  return r;
}

}  // namespace

TEST_CASE("a process in two overlays reads, writes and watches each by its id, and neither sees the other's records") {
  sim::ring red(named("red.example")), blue(named("blue.example"));
  REQUIRE(red.grow(6, 10min));
  REQUIRE(blue.grow(6, 10min));
  overlay::overlays both;
  CHECK(both.add("red.example", *red.at(3).peer));
  const auto only = finish(red, both.get({}, *overlay::name::parse("x:nobody@red.example"), {}));
  CHECK(only.error() == errc::not_found);  // an empty id is the only one, as long as it is
  CHECK(both.add("blue.example", *blue.at(4).peer));
  CHECK_FALSE(both.add("blue.example", *blue.at(5).peer));

  const auto mine = *overlay::name::parse("note:node3@red.example");
  const auto theirs = *overlay::name::parse("note:node4@blue.example");
  REQUIRE(finish(red, both.add("red.example", mine, with("red"), 3600s, {})).has_value());
  REQUIRE(finish(blue, both.add("blue.example", theirs, with("blue"), 3600s, {})).has_value());
  REQUIRE(finish(blue, both.update("blue.example", theirs, with("deep blue"), 3600s, {})).has_value());
  CHECK(finish(red, both.get("red.example", mine, {}))->values.front().content.value == "red");
  CHECK(finish(blue, both.get("blue.example", theirs, {}))->values.front().content.value == "deep blue");
  CHECK(finish(red, both.get("red.example", theirs, {})).error() == errc::not_found);
  CHECK(finish(blue, both.watch("blue.example", mine, {}))->values.empty());
  CHECK(finish(blue, both.remove("blue.example", mine, {})).error() == errc::not_found);

  CHECK(finish(red, both.get({}, mine, {})).error() == errc::unknown_overlay);
  CHECK(finish(red, both.get("green.example", mine, {})).error() == errc::unknown_overlay);
  both.remove("blue.example");
  CHECK(finish(red, both.get({}, mine, {})).has_value());
  CHECK(finish(red, both.watch("blue.example", mine, {})).error() == errc::unknown_overlay);
  red.stop();
  blue.stop();
}

}  // namespace overlays_test

#include "reload/node_clock.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"
#include "support/simulated_world.hpp"

namespace node_clock_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::id;

namespace {

struct scene {
  // What the clock of a node shows that is so far ahead of this one's.
  [[nodiscard]] std::uint64_t showing(std::chrono::milliseconds ahead) { return core::unix_milliseconds(env.wall_now() + ahead); }
  [[nodiscard]] auto correction() { return clock.wall_now() - env.wall_now(); }

  testing::simulated_world world{1};
  sim::environment env{world};
  node_clock clock{env, core::logger()};
};

}  // namespace

TEST_CASE("a node alone goes by its own clock, and knows nobody who agrees") {
  scene s;
  CHECK(s.correction() == 0s);
  CHECK_FALSE(s.clock.agreed());
  CHECK(s.clock.text().empty());
  CHECK_FALSE(s.clock.troubled());
}

TEST_CASE("a neighbour that says no time changes nothing, whatever was known of it") {
  scene s;
  CHECK_FALSE(s.clock.told(id(1), 0, false));
  CHECK(s.clock.told(id(1), 0, true));
  CHECK_FALSE(s.clock.agreed());
}

TEST_CASE("a clock that three neighbours know to be wrong is put right, and goes by itself again once it is set") {
  scene s;
  for (std::uint8_t n = 1; n <= 3; ++n) (void)s.clock.told(id(n), s.showing(1h), false);
  CHECK(s.correction() == 1h);
  CHECK(s.clock.agreed());
  CHECK_FALSE(s.clock.text().empty());
  s.env.set_skew(1h);  // the operator sets it
  CHECK(s.correction() == 0s);
  CHECK(s.clock.text().empty());
}

TEST_CASE("a neighbour whose clock is off is known by it, and not once it says the right time") {
  scene s;
  for (std::uint8_t n = 1; n <= 3; ++n) CHECK_FALSE(s.clock.told(id(n), s.showing(1s), false));
  CHECK(s.clock.told(id(4), s.showing(-2h), false));
  CHECK(s.clock.told(id(4), s.showing(-2h), true));
  CHECK_FALSE(s.clock.told(id(4), s.showing(0s), true));
  CHECK(s.correction() == 0s);
}

TEST_CASE("the ends of time that a neighbour can say are no more than a century away") {
  scene s;
  CHECK(s.clock.told(id(1), ~std::uint64_t{0}, false));
  CHECK(s.clock.told(id(2), 1, false));
  CHECK_FALSE(s.clock.told(id(3), ~std::uint64_t{0}, false));  // as most others see it
  CHECK(s.correction() == std::chrono::hours(24) * 365 * 100);
}

TEST_CASE("a server's word counts while fewer than three neighbours can say who is wrong") {
  scene s;
  const auto its_wall = std::chrono::duration_cast<core::duration>((s.env.wall_now() + 2h).time_since_epoch());
  s.clock.hear({.by = "login.example.org", .shows = its_wall - s.env.now().time_since_epoch(), .at = s.env.now()});
  CHECK(s.correction() == 2h);
  for (std::uint8_t n = 1; n <= 3; ++n) (void)s.clock.told(id(n), s.showing(0s), false);
  CHECK(s.correction() == 0s);
}

TEST_CASE("a node whose clock is wrong is blind once it can not judge most of those that it is linked to") {
  scene s;
  for (std::uint8_t n = 1; n <= 3; ++n) (void)s.clock.told(id(n), s.showing(1h), false);
  s.clock.unjudged(id(1));
  CHECK(s.clock.troubled());
  CHECK_FALSE(s.clock.blind(3));
  s.clock.unjudged(id(2));
  CHECK(s.clock.blind(3));
  s.clock.judged(id(2));
  CHECK_FALSE(s.clock.blind(3));
}

}  // namespace node_clock_test

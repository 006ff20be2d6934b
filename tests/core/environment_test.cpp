#include "phyllo/core/environment.hpp"

#include <doctest.h>

#include <asio/post.hpp>
#include <set>

#include "support/run.hpp"
#include "support/simulated_world.hpp"

namespace environment_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> sleep_until_past(core::environment& env, core::time_point when, core::time_point& woke) {
  co_await core::sleep_until(env, when);
  woke = env.now();
}

core::awaitable<void> wait_for(core::timer& t, bool& rang) { rang = co_await t.wait(); }

core::awaitable<void> cut_short(core::environment& env, core::timer& t, bool& rang) {
  asio::post(env.get_executor(), [&t] { t.cancel(); });
  rang = co_await t.wait();
}

}  // namespace

TEST_CASE("a random span lies between its ends, both included, and reaches all that is between") {
  testing::simulated_world world;
  std::set<core::duration::rep> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto span = core::random_between(world.env(), 5ns, 8ns);
    CHECK(span >= 5ns);
    CHECK(span <= 8ns);
    seen.insert(span.count());
  }
  CHECK(seen.size() == 4);
  CHECK(core::random_between(world.env(), 7ns, 7ns) == 7ns);
}

TEST_CASE("a sleep ends at its time, at once if that is past") {
  testing::simulated_world world;
  core::time_point woke{};
  const auto start = world.now();
  world.run(sleep_until_past(world.env(), start + 3s, woke));
  CHECK(woke == start + 3s);
  world.run(sleep_until_past(world.env(), start, woke));
  CHECK(woke == start + 3s);
}

TEST_CASE("the system's environment fills every octet asked for with something else each time") {
  const testing::real_world world;
  core::bytes first(5000), second(5000);
  world.env->random(first);
  world.env->random(second);
  CHECK(first != second);
  std::array<int, 256> times{};
  for (const auto octet : first) ++times.at(octet);
  for (const int n : times) CHECK(n < 100);  // 19.5 on the average
  CHECK(core::random_u64(*world.env) != core::random_u64(*world.env));
}

TEST_CASE("a timer of the system rings at its time, and a wait that is cut short says so") {
  testing::real_world world;
  const auto t = world.env->make_timer();
  bool rang = false;
  t->set(world.env->now() + 2ms);
  world.run(wait_for(*t, rang));
  CHECK(rang);
  t->set(world.env->now() + 1h);
  world.run(cut_short(*world.env, *t, rang));
  CHECK_FALSE(rang);
}

}  // namespace environment_test

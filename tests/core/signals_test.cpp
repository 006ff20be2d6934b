#include "phyllo/core/signals.hpp"

#include <csignal>

#include "support/run.hpp"

namespace signals_test {

using namespace phyllo;

namespace {

core::awaitable<void> await_one(core::environment& env, int& got) {
  core::signal_watch watch(env, {SIGUSR1, SIGUSR2});
  std::raise(SIGUSR2);  // before the wait: it must not be lost, nor end the process
  got = co_await watch.wait();
}

}  // namespace

TEST_CASE("a signal that comes before the wait is delivered to it") {
  testing::real_world world;
  int got = 0;
  world.run(await_one(*world.env, got));
  CHECK(got == SIGUSR2);
}

}  // namespace signals_test

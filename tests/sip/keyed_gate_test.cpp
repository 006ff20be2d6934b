#include "sip/keyed_gate.hpp"

#include <doctest.h>

#include <vector>

#include "phyllo/core/task_scope.hpp"
#include "support/simulated_world.hpp"

namespace keyed_gate_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> visit(core::environment& env, keyed_gate& gate, std::string key, int number, std::vector<int>& order) {
  auto pass = co_await gate.enter(std::move(key));
  if (!pass) {
    order.push_back(-number);
    co_return;
  }
  order.push_back(number);
  co_await core::sleep_for(env, 10s);
  order.push_back(number);
}

core::awaitable<void> join(core::task_scope& scope) { co_await scope.join(); }

}  // namespace

TEST_CASE("a gate lets one in at a time for a key, in their order, and other keys beside them") {
  testing::simulated_world world;
  keyed_gate gate(world.env(), 2);
  core::task_scope scope(world.env());
  std::vector<int> order;
  for (int i = 1; i <= 4; ++i) scope.spawn(visit(world.env(), gate, "alice", i, order));
  scope.spawn(visit(world.env(), gate, "bob", 9, order));
  world.run(join(scope));
  CHECK(order == std::vector<int>{1, -4, 9, 1, 9, 2, 2, 3, 3});
}

TEST_CASE("who is cancelled while waiting, or inside, leaves the gate usable") {
  testing::simulated_world world;
  keyed_gate gate(world.env(), 5);
  std::vector<int> order;
  core::task_scope impatient(world.env());
  core::task_scope patient(world.env());
  impatient.spawn(visit(world.env(), gate, "k", 1, order));
  world.run_for(1s);
  impatient.spawn(visit(world.env(), gate, "k", 2, order));
  patient.spawn(visit(world.env(), gate, "k", 3, order));
  world.run_for(1s);
  impatient.cancel();
  world.run(join(impatient));
  world.run(join(patient));
  CHECK(order == std::vector<int>{1, 3, 3});
  order.clear();
  patient.spawn(visit(world.env(), gate, "k", 4, order));
  world.run(join(patient));
  CHECK(order == std::vector<int>{4, 4});
}

}  // namespace keyed_gate_test

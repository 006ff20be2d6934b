#include "phyllo/core/worker.hpp"

#include <doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/task_scope.hpp"
#include "support/run.hpp"

namespace worker_test {

using namespace phyllo;

namespace {

core::awaitable<void> note_threads(core::environment& env, core::worker& w, std::thread::id& inside, std::thread::id& after) {
  std::function<void()> work = [&inside] { inside = std::this_thread::get_id(); };
  const auto ok = co_await w.run(env, std::move(work));
  CHECK(ok);
  after = std::this_thread::get_id();
}

core::awaitable<void> run_one(core::environment& env, core::worker& w, std::function<void()> work, core::status& outcome) {
  outcome = co_await w.run(env, std::move(work));
}

core::awaitable<void> overfill(core::environment& env, core::worker& w) {
  auto release = std::make_shared<std::promise<void>>();
  auto gate = std::make_shared<std::shared_future<void>>(release->get_future());
  auto started = std::make_shared<std::promise<void>>();
  core::task_scope scope(env);
  core::status first, second, third;
  std::function<void()> blocking = [gate, started] {
    started->set_value();
    gate->wait();
  };
  std::function<void()> nothing = [] {};
  scope.spawn(run_one(env, w, blocking, first));
  co_await core::sleep_for(env, std::chrono::milliseconds(1));
  started->get_future().wait();
  scope.spawn(run_one(env, w, nothing, second));
  scope.spawn(run_one(env, w, nothing, third));
  co_await core::sleep_for(env, std::chrono::milliseconds(1));
  release->set_value();
  co_await scope.join();
  CHECK(first);
  CHECK(second);
  REQUIRE_FALSE(third);
  CHECK(third.error() == core::errc::full);
}

core::awaitable<void> abandon(core::environment& env, core::worker& w, std::atomic<bool>& finished) {
  auto release = std::make_shared<std::promise<void>>();
  auto gate = std::make_shared<std::shared_future<void>>(release->get_future());
  core::task_scope scope(env);
  core::status never = core::fail(core::errc::closed);
  std::function<void()> work = [gate, &finished] {
    gate->wait();
    finished = true;
  };
  scope.spawn(run_one(env, w, work, never));
  co_await core::sleep_for(env, std::chrono::milliseconds(1));
  scope.cancel();
  co_await scope.join();
  CHECK(never.error() == core::errc::closed);
  release->set_value();
  // The thread is still good for more.
  core::status next = core::fail(core::errc::closed);
  std::function<void()> nothing = [] {};
  co_await run_one(env, w, nothing, next);
  CHECK(next);
  CHECK(finished);
}

}  // namespace

TEST_CASE("work runs on the worker's thread, its waiter goes on at home") {
  testing::real_world world;
  core::worker w("test");
  std::thread::id inside, after;
  world.run(note_threads(*world.env, w, inside, after));
  CHECK(after == std::this_thread::get_id());
  CHECK(inside != after);
  CHECK(inside != std::thread::id());
}

TEST_CASE("a worker refuses what its queue can not hold") {
  testing::real_world world;
  core::worker w("test", 1);
  world.run(overfill(*world.env, w));
}

TEST_CASE("a cancelled waiter leaves its work to finish alone") {
  testing::real_world world;
  std::atomic<bool> finished{false};
  core::worker w("test");
  world.run(abandon(*world.env, w, finished));
}

}  // namespace worker_test

#include "phyllo/core/hop.hpp"

#include <doctest.h>

#include <atomic>
#include <string>
#include <thread>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/shard_group.hpp"
#include "phyllo/core/task_scope.hpp"

namespace hop_test {

using namespace phyllo;

namespace {

core::awaitable<core::result<std::string>> named(std::thread::id& where, std::string name) {
  where = std::this_thread::get_id();
  co_return name + "!";
}

core::awaitable<core::result<std::string>> refuses() { co_return core::fail(core::errc::invalid, "on purpose"); }

core::awaitable<core::result<int>> waits(core::environment& env, std::atomic<int>& state) {
  struct ends {
    std::atomic<int>& of;
    ~ends() { of = 2; }
  };
  const ends e{state};
  state = 1;
  co_await core::sleep_for(env, std::chrono::hours(1));
  co_return 0;
}

core::awaitable<void> asks(core::shard_group& shards, std::thread::id& there, std::thread::id& after, std::string& got) {
  std::move_only_function<core::awaitable<core::result<std::string>>()> what = [&there] { return named(there, "a"); };
  const auto r = co_await core::hop<std::string>(shards.door(0), shards.door(1), std::move(what));
  after = std::this_thread::get_id();
  got = r.value_or("none");
}

core::awaitable<void> is_refused(core::shard_group& shards, bool& as_said) {
  std::move_only_function<core::awaitable<core::result<std::string>>()> what = [] { return refuses(); };
  const auto r = co_await core::hop<std::string>(shards.door(0), shards.door(1), std::move(what));
  as_said = !r && r.error() == core::errc::invalid;
}

core::awaitable<void> asks_for_ever(core::shard_group& shards, std::atomic<int>& state) {
  std::move_only_function<core::awaitable<core::result<int>>()> what = [&] { return waits(shards.door(1).env(), state); };
  (void)co_await core::hop<int>(shards.door(0), shards.door(1), std::move(what));
}

core::awaitable<void> until(core::environment& env, std::atomic<int>& state, int wanted) {
  for (int i = 0; i < 5000 && state != wanted; ++i) co_await core::sleep_for(env, std::chrono::milliseconds(1));
}

core::awaitable<void> gives_up(core::shard& main, core::shard_group& shards, std::atomic<int>& state) {
  core::task_scope scope(main.env());
  scope.spawn(asks_for_ever(shards, state));
  co_await until(main.env(), state, 1);
  scope.cancel();
  co_await scope.join();
  co_await until(main.env(), state, 2);
}

core::awaitable<core::result<int>> asks_back(core::shard_group& shards, int depth) {
  if (depth == 0) co_return 0;
  auto& from = shards.door(depth % 2 == 0 ? 0 : 1);
  auto& to = shards.door(depth % 2 == 0 ? 1 : 0);
  std::move_only_function<core::awaitable<core::result<int>>()> what = [&shards, depth] { return asks_back(shards, depth - 1); };
  const auto r = co_await core::hop<int>(from, to, std::move(what));
  if (!r) co_return r;
  co_return *r + 1;
}

core::awaitable<void> to_and_fro(core::shard_group& shards, int& crossed) { crossed = (co_await asks_back(shards, 100)).value_or(-1); }

core::awaitable<void> many(core::shard_group& shards, int count, int& right) {
  for (int i = 0; i < count; ++i) {
    const auto r = co_await asks_back(shards, 2);
    if (r.value_or(-1) == 2) ++right;
  }
}

core::awaitable<void> crowd(core::shard& main, core::shard_group& shards, int& right) {
  core::task_scope scope(main.env());
  for (int i = 0; i < 200; ++i) scope.spawn(many(shards, 20, right));
  co_await scope.join();
}

// Shard 1 asks shard 0 for something short while shard 0 waits for its end.
core::awaitable<core::result<int>> short_one(core::environment& env, std::atomic<int>& state) {
  state = 1;
  co_await core::sleep_for(env, std::chrono::milliseconds(20));
  state = 2;
  co_return 1;
}

core::awaitable<core::result<int>> asks_first(core::shard_group& shards, std::atomic<int>& state) {
  std::move_only_function<core::awaitable<core::result<int>>()> what = [&] { return short_one(shards.door(0).env(), state); };
  co_return co_await core::hop<int>(shards.door(1), shards.door(0), std::move(what));
}

core::awaitable<void> asked_task(core::shard_group& shards, std::atomic<int>& state) { (void)co_await asks_first(shards, state); }

core::awaitable<void> joins(core::shard& main, core::shard_group& shards, std::atomic<int>& state, int& at_join) {
  core::shard_door::maker task = [&] { return asked_task(shards, state); };
  core::task_scope scope(main.env());
  const auto asked = [](core::shard_group& s, core::shard_door::maker t) -> core::awaitable<void> {
    (void)co_await s.door(0).ask(s.door(1), std::move(t));
  };
  scope.spawn(asked(shards, std::move(task)));
  co_await until(main.env(), state, 1);
  co_await shards.door(0).join();
  at_join = state;
  co_await scope.join();
}

}  // namespace

TEST_CASE("who joins a door waits for what others have it do") {
  core::shard main("main");
  core::shard_group shards(main.env(), "test", 2);
  std::atomic<int> state{0};
  int at_join = 0;
  main.run(joins(main, shards, state, at_join));
  CHECK(at_join == 2);
}

TEST_CASE("a hop runs on the other shard's thread, and its result comes back to one's own") {
  core::shard main("main");
  core::shard_group shards(main.env(), "test", 2);
  std::thread::id there;
  std::thread::id after;
  std::string got;
  main.run(asks(shards, there, after, got));
  CHECK(got == "a!");
  CHECK(after == std::this_thread::get_id());
  CHECK(there != std::this_thread::get_id());
  CHECK(there != std::thread::id());
}

TEST_CASE("an error of the other shard is the hop's") {
  core::shard main("main");
  core::shard_group shards(main.env(), "test", 2);
  bool as_said = false;
  main.run(is_refused(shards, as_said));
  CHECK(as_said);
}

TEST_CASE("who is cancelled cancels what he has asked for on the other shard") {
  core::shard main("main");
  core::shard_group shards(main.env(), "test", 2);
  std::atomic<int> state{0};
  main.run(gives_up(main, shards, state));
  CHECK(state == 2);
}

TEST_CASE("hops nest, to and fro, and many go at once") {
  core::shard main("main");
  core::shard_group shards(main.env(), "test", 2);
  int crossed = 0;
  main.run(to_and_fro(shards, crossed));
  CHECK(crossed == 100);
}

TEST_CASE("many hops at once each get their own answer") {
  core::shard main("main");
  core::shard_group shards(main.env(), "test", 2);
  int right = 0;
  main.run(crowd(main, shards, right));
  CHECK(right == 4000);
}

}  // namespace hop_test

#include "sip/callee_lookup.hpp"

#include <doctest.h>

#include "support/memory_overlay.hpp"
#include "support/simulated_world.hpp"

namespace callee_lookup_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

struct fixture {
  simulated_world world{1};
  memory_ring ring{world.env()};
  memory_overlay overlay{ring, {}};
  sip::callee_lookup lookup{world.env(), overlay, 4};
  core::task_scope scope{world.env()};
  int not_found = 0;
  int refused = 0;

  core::awaitable<void> ask(std::string user, bool stranger = false) {
    const auto a = co_await lookup.get(std::move(user), stranger);
    if (!a) ++refused;
    if (a && !*a) ++not_found;
  }
  core::awaitable<void> end() {
    co_await lookup.stop();
    co_await scope.join();
  }
};

core::awaitable<void> share(fixture& f) {
  f.ring.delay = 50ms;
  for (int i = 0; i < 500; ++i) f.scope.spawn(f.ask("bob@example.com"));
  co_await core::sleep_for(f.world.env(), 20ms);
  CHECK(f.ring.gets == 1);
  f.scope.spawn(f.ask("bob@example.com"));
  co_await f.scope.join();
  CHECK(f.not_found == 501);
  CHECK(f.ring.gets == 2);  // those who asked before it had begun, and all who asked meanwhile
  CHECK(f.lookup.names() == 0);
  co_await f.end();
}

core::awaitable<void> bounded(fixture& f) {
  f.ring.delay = 50ms;
  for (int i = 0; i < 4; ++i) f.scope.spawn(f.ask("stranger" + std::to_string(i) + "@example.com", true));
  co_await core::sleep_for(f.world.env(), 10ms);
  CHECK(f.refused == 2);
  for (int i = 0; i < 4; ++i) f.scope.spawn(f.ask("user" + std::to_string(i) + "@example.com"));
  f.scope.spawn(f.ask("stranger0@example.com", true));  // a name that is looked up takes no further room
  co_await f.scope.join();
  CHECK(f.refused == 4);
  CHECK(f.not_found == 5);
  co_await f.end();
}

core::awaitable<void> stopped(fixture& f) {
  f.ring.delay = 10s;
  for (int i = 0; i < 3; ++i) f.scope.spawn(f.ask("bob@example.com"));
  co_await core::sleep_for(f.world.env(), 10ms);
  f.scope.spawn(f.ask("bob@example.com"));
  co_await core::sleep_for(f.world.env(), 10ms);
  co_await f.end();
  CHECK(f.refused == 4);
}

}  // namespace

TEST_CASE("all who wait for a name share one look-up, and who asks while it is under way shares the next") {
  fixture f;
  f.world.run(share(f), 10s);
}

TEST_CASE("look-ups of different names are bounded, strangers' at half") {
  fixture f;
  f.world.run(bounded(f), 10s);
}

TEST_CASE("whoever waits for a look-up when it stops is told so") {
  fixture f;
  f.world.run(stopped(f), 10s);
}

}  // namespace callee_lookup_test

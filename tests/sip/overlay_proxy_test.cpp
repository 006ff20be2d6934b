#include "phyllo/overlay/overlay_proxy.hpp"

#include <doctest.h>

#include <thread>

#include "phyllo/core/shard_group.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/record.hpp"
#include "support/memory_overlay.hpp"

namespace overlay_proxy_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

// The overlay is the first shard's; it is asked from the second.
struct scene {
  core::shard main{"main"};
  core::shard_group shards{main.env(), "test", 2};
  testing::memory_ring ring{main.env()};
  testing::memory_overlay near{ring, identity::node_id()};
  std::unique_ptr<overlay::overlay> far = overlay::make_overlay_proxy(shards.door(1), shards.door(0), near);
};

struct answers {
  std::thread::id thread;
  bool stored = false;
  bool found = false;
  bool removed = false;
  bool gone = false;
  bool refused = false;
};

overlay::record record_of(const overlay::name& n) {
  overlay::record r;
  r.name = n;
  r.lifetime_s = 3600;
  r.locations.push_back({});
  r.locations.back().node_ip = "192.0.2.1";
  r.locations.back().transports = {"UDP5060"};
  return r;
}

core::awaitable<void> use(scene& s, answers& a) {
  a.thread = std::this_thread::get_id();
  const overlay::name n{"user location", "alice@example.com"};
  auto r = record_of(n);
  overlay::write_options w;
  w.binding = overlay::binding_of(r.locations.front());
  const auto stored = co_await s.far->add(std::string(), n, r, 3600s, w);
  a.stored = stored.has_value();
  const auto found = co_await s.far->get(std::string(), n, overlay::read_options());
  a.found = found && found->values.size() == 1 && found->values.front().content.name == n;
  const auto removed = co_await s.far->remove(std::string(), n, w);
  a.removed = removed.has_value();
  const auto gone = co_await s.far->get(std::string(), n, overlay::read_options());
  a.gone = !gone && gone.error() == overlay::errc::not_found;
  const auto watched = co_await s.far->watch(std::string(), n, overlay::watch_options());
  a.refused = !watched && watched.error() == overlay::errc::refused;
}

core::awaitable<void> from_the_second(scene& s, answers& a) {
  core::shard_door::maker task = [&] { return use(s, a); };
  (void)co_await s.shards.door(0).ask(s.shards.door(1), std::move(task));
  co_await s.shards.door(0).join();
}

core::awaitable<void> asks(scene& s) {
  const overlay::name n{"user location", "alice@example.com"};
  (void)co_await s.far->get(std::string(), n, overlay::read_options());
}

core::awaitable<void> gives_up(scene& s, bool& quiet) {
  s.ring.delay = 1h;
  core::task_scope scope(s.main.env());
  const auto ask = [](scene& of) -> core::awaitable<void> {
    core::shard_door::maker task = [&of] { return asks(of); };
    (void)co_await of.shards.door(0).ask(of.shards.door(1), std::move(task));
  };
  scope.spawn(ask(s));
  while (s.ring.gets == 0) co_await core::sleep_for(s.main.env(), 1ms);  // ends when it is asked
  scope.cancel();
  co_await scope.join();
  co_await core::sleep_for(s.main.env(), 50ms);
  co_await s.shards.door(0).join();
  quiet = true;
}

}  // namespace

TEST_CASE("another shard stores, reads and removes records by a proxy, and hears the overlay's errors") {
  scene s;
  answers a;
  s.main.run(from_the_second(s, a));
  CHECK(a.thread != std::this_thread::get_id());
  CHECK(a.stored);
  CHECK(a.found);
  CHECK(a.removed);
  CHECK(a.gone);
  CHECK(a.refused);
}

TEST_CASE("who gives up his question has the overlay give it up, too") {
  scene s;
  bool quiet = false;
  s.main.run(gives_up(s, quiet));
  CHECK(quiet);
}

}  // namespace overlay_proxy_test

// Over the real loopback interface, on a port of the tests' own.
#include "phyllo/transport/local_discovery.hpp"

#include <doctest.h>

#include <algorithm>

#include "phyllo/core/task_scope.hpp"
#include "support/run.hpp"

namespace local_discovery_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::endpoint;
using transport::local_discovery;

namespace {

struct found_by {
  std::vector<endpoint> red, stranger;
};

std::unique_ptr<local_discovery> open(testing::real_world& world, const std::string& overlay, const char* at, core::metrics& m) {
  transport::local_discovery_options o;
  o.address = asio::ip::make_address("127.60.5.1");
  o.overlay = overlay;
  o.port = 15353;
  local_discovery::own_source own = [at]() -> std::optional<local_discovery::own_place> {
    if (*at == 0) return std::nullopt;
    return local_discovery::own_place{"abc", *endpoint::parse(at)};
  };
  auto d = local_discovery::open(*world.env, o, std::move(own), m);
  REQUIRE_MESSAGE(d.has_value(), (d ? std::string() : d.error().message()));
  return std::move(*d);
}

core::awaitable<void> ask(local_discovery& d, std::vector<endpoint>& to) { to = co_await d.ask(300ms); }
core::awaitable<void> stop(local_discovery& d) { co_await d.stop(); }

}  // namespace

TEST_CASE("a node finds those of its overlay on the local network, neither itself nor others' nor who has nothing to say") {
  testing::real_world world;
  core::metrics m;
  const auto one = open(world, "red.example", "192.0.2.1:6084", m);
  const auto two = open(world, "red.example", "192.0.2.2:6084", m);
  const auto other = open(world, "blue.example", "192.0.2.3:6084", m);
  const auto joining = open(world, "red.example", "", m);
  std::vector<endpoint> by_one, by_joining;
  world.run(ask(*one, by_one));
  CHECK(by_one == std::vector{*endpoint::parse("192.0.2.2:6084")});
  world.run(ask(*joining, by_joining));
  CHECK(by_joining.size() == 2);
  for (auto* d : {one.get(), two.get(), other.get(), joining.get()}) world.run(stop(*d));
}

TEST_CASE("twenty questions a second are answered") {
  testing::real_world world;
  core::metrics m;
  const auto one = open(world, "red.example", "192.0.2.1:6084", m);
  const auto asking = open(world, "red.example", "", m);
  core::task_scope tasks(*world.env);
  std::vector<std::vector<endpoint>> found(40);
  const auto all = [](core::task_scope& scope) -> core::awaitable<void> { co_await scope.join(); };
  for (auto& f : found) tasks.spawn(ask(*asking, f));
  world.run(all(tasks));
  const auto answered = std::ranges::count_if(found, [](const auto& f) { return !f.empty(); });
  CHECK(answered == 20);
  CHECK(m.drops().at("discovery") > 0);
  world.run(stop(*one));
  world.run(stop(*asking));
}

}  // namespace local_discovery_test

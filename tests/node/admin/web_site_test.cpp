#include "admin/web_site.hpp"

#include "../transport/memory_stream.hpp"
#include "support/run.hpp"

namespace web_site_test {

using namespace phyllo;

namespace {

core::awaitable<void> turns(core::environment& env) { co_await core::sleep_for(env, std::chrono::milliseconds(20)); }
core::awaitable<void> stop(node::web_site& site) { co_await site.stop(); }

}  // namespace

TEST_CASE("who says a request too slowly makes place for others, the oldest first") {
  testing::real_world world;
  core::metrics metrics;
  const auto bootstrap = enrollment::bootstrap_server::create([] { return std::string(); });
  node::web_site site(*world.env, nullptr, *bootstrap, metrics);
  std::string ignored;
  std::vector<testing::memory_stream*> slow;
  for (std::size_t i = 0; i < node::web_site::connections_max; ++i) {
    auto s = std::make_unique<testing::memory_stream>(*world.env, ignored);
    slow.push_back(s.get());
    s->incoming.push("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    site.on_stream(std::move(s));
  }
  world.run(turns(*world.env));
  CHECK(metrics.drops()["http_connections"] == 0);

  std::string answer;
  auto honest = std::make_unique<testing::memory_stream>(*world.env, answer);
  honest->incoming.push("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  site.on_stream(std::move(honest));
  world.run(turns(*world.env));
  CHECK(answer.starts_with("HTTP/1.1 404"));
  CHECK(metrics.drops()["http_connections"] == 1);

  ignored.clear();
  slow[1]->incoming.push("1\r\n\r\n");  // the second oldest is served on
  world.run(turns(*world.env));
  CHECK(ignored.starts_with("HTTP/1.1 404"));
  world.run(stop(site));
}

}  // namespace web_site_test

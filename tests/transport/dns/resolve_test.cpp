#include "phyllo/transport/resolve.hpp"

#include "phyllo/transport/errc.hpp"
#include "support/run.hpp"

namespace resolve_test {

using namespace phyllo;
using namespace phyllo::transport;

namespace {

using addresses = std::vector<asio::ip::address>;

core::awaitable<void> ask(core::environment& env, core::worker& w, std::string host, asio::ip::address bind, core::result<addresses>& to) {
  to = co_await resolve(env, w, std::move(host), bind);
}

core::result<addresses> resolved(const std::string& host, const asio::ip::address& bind = {}) {
  testing::real_world world;
  core::worker w("test");
  core::result<addresses> to = core::fail(core::errc::closed);
  world.run(ask(*world.env, w, host, bind, to));
  return to;
}

}  // namespace

TEST_CASE("an address resolves to itself") {
  CHECK(resolved("127.10.0.1").value() == addresses{asio::ip::make_address("127.10.0.1")});
  CHECK(resolved("::1").value() == addresses{asio::ip::make_address("::1")});
}

TEST_CASE("a name resolves to addresses that the bound one can reach") {
  const auto all = resolved("localhost", asio::ip::make_address("127.10.0.2"));
  REQUIRE(all);
  for (const auto& a : *all) {
    CHECK(a.is_v4());
    CHECK(a.is_loopback());
  }
}

TEST_CASE("a name that is none is refused, and says which") {
  const auto none = resolved("no..where");
  REQUIRE_FALSE(none);
  CHECK(none.error() == errc::refused);
  CHECK(none.error().message().find("no..where") != std::string::npos);
}

}  // namespace resolve_test

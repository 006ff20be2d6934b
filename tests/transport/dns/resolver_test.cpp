// Look-ups against a DNS server that the test is itself, on loopback.
#include "phyllo/transport/resolver.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/dns_server.hpp"
#include "support/run.hpp"

namespace resolver_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

using testing::dns_server;
using testing::naptr_data;
using testing::srv_data;

struct looked_up {
  testing::real_world world;
  dns_server first{world.io, "127.20.70.53"};
  dns_server second{world.io, "127.20.70.54"};
  std::unique_ptr<transport::resolver> dns;

  looked_up() {
    transport::resolver_options o;
    o.servers = {"127.20.70.53:5353", "127.20.70.54:5353"};
    o.timeout = 100ms;
    o.tries = 2;
    auto made = transport::resolver::create(*world.env, o);
    REQUIRE(made.has_value());
    dns = std::move(*made);
    for (auto* s : {&first, &second}) {
      s->zone[{"example.com", testing::type_naptr}] = {naptr_data(10, "SIPS+D2T", "_sips._tcp.example.com")};
      s->zone[{"_sips._tcp.example.com", testing::type_srv}] = {srv_data(1, 2, 5061, "one.example.com"),
                                                                srv_data(3, 4, 5062, "two.example.com")};
      s->zone[{"one.example.com", testing::type_a}] = {{192, 0, 2, 1}, {192, 0, 2, 2}};
      s->zone[{"one.example.com", testing::type_aaaa}] = {*core::from_hex("20010db8000000000000000000000001")};
    }
  }
};

core::awaitable<void> ask_none(transport::resolver& none, core::error& why) {
  const auto found = co_await none.srv("_sips._tcp.example.com");
  REQUIRE_FALSE(found.has_value());
  why = found.error();
}

core::awaitable<void> all_kinds(looked_up& l) {
  const auto naptr = co_await l.dns->naptr("example.com");
  REQUIRE_MESSAGE(naptr.has_value(), (naptr ? "" : naptr.error().message()));
  REQUIRE(naptr->size() == 1);
  CHECK(naptr->front() == transport::naptr_record{10, 10, "s", "SIPS+D2T", "_sips._tcp.example.com"});
  const auto srv = co_await l.dns->srv("_sips._tcp.example.com");
  REQUIRE(srv.has_value());
  CHECK(*srv == std::vector<transport::srv_record>{{1, 2, 5061, "one.example.com"}, {3, 4, 5062, "two.example.com"}});
  const auto addresses = co_await l.dns->addresses("one.example.com");
  REQUIRE(addresses.has_value());
  CHECK(addresses->size() == 3);
  const auto literal = co_await l.dns->addresses("192.0.2.7");
  CHECK(literal.value() == std::vector<asio::ip::address>(1, asio::ip::make_address("192.0.2.7")));
}

core::awaitable<void> absent_ones(looked_up& l) {
  const auto none = co_await l.dns->srv("one.example.com");  // the name is there, such a record is not
  CHECK(none.value().empty());
  const auto nobody = co_await l.dns->addresses("nobody.example.com");
  CHECK(nobody.value().empty());
  const auto asked = l.first.asked + l.second.asked;
  const auto again = co_await l.dns->srv("ONE.example.com");
  CHECK(again.value().empty());
  CHECK(l.first.asked + l.second.asked == asked);  // remembered, whatever the case of the name
}

core::awaitable<void> cached(looked_up& l) {
  l.first.ttl = l.second.ttl = 1;
  for (int i = 0; i < 10; ++i) {
    const auto srv = co_await l.dns->srv("_sips._tcp.example.com");
    CHECK(srv.value().size() == 2);
  }
  CHECK(l.first.asked + l.second.asked == 1);
  co_await core::sleep_for(*l.world.env, 1100ms);
  const auto late = co_await l.dns->srv("_sips._tcp.example.com");
  CHECK(late.value().size() == 2);
  CHECK(l.first.asked + l.second.asked == 2);
}

core::awaitable<void> failing_servers(looked_up& l) {
  l.first.silent = true;
  const auto by_second = co_await l.dns->naptr("example.com");
  CHECK(by_second.value().size() == 1);
  l.second.silent = true;
  const auto start = l.world.env->now();
  const auto none = co_await l.dns->srv("_sips._tcp.example.com");
  CHECK(none.error() == transport::errc::timed_out);
  CHECK(l.world.env->now() - start < 5s);
  l.first.silent = l.second.silent = false;
  l.first.broken = l.second.broken = true;
  const auto refused = co_await l.dns->srv("_sips._tcp.example.com");
  CHECK_FALSE(refused.has_value());
  l.first.broken = l.second.broken = false;
  const auto back = co_await l.dns->srv("_sips._tcp.example.com");  // no failure is remembered
  CHECK(back.value().size() == 2);
}

core::awaitable<void> stopped(looked_up& l) {
  l.dns->stop();
  const auto closed = co_await l.dns->naptr("example.com");
  CHECK(closed.error() == transport::errc::closed);
}

}  // namespace

TEST_CASE("a resolver whose configuration can not be read is an error, and one that asks nobody answers so") {
  testing::real_world world;
  transport::resolver_options o;
  o.servers = {"no address"};
  CHECK(transport::resolver::create(*world.env, o).error() == core::errc::invalid);
  const auto none = transport::resolver::none(*world.env);
  core::error why(core::errc::invalid);
  world.run(ask_none(*none, why));
  CHECK(why == transport::errc::closed);
}

TEST_CASE("NAPTR, SRV, A and AAAA records are found") {
  looked_up l;
  l.world.run(all_kinds(l));
}

TEST_CASE("what is not there is an empty list, and remembered") {
  looked_up l;
  l.world.run(absent_ones(l));
}

TEST_CASE("an answer holds for its time to live") {
  looked_up l;
  l.world.run(cached(l));
}

TEST_CASE("where one DNS server is silent the next is asked; failures are told, and not remembered") {
  looked_up l;
  l.world.run(failing_servers(l));
}

TEST_CASE("a stopped resolver answers nobody") {
  looked_up l;
  l.world.run(stopped(l));
}

TEST_CASE("servers that are none are refused") {
  testing::real_world world;
  transport::resolver_options o;
  o.servers = {"no-address"};
  CHECK(transport::resolver::create(*world.env, o).error() == core::errc::invalid);
}

}  // namespace resolver_test

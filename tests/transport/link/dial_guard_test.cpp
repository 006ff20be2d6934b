#include "transport/link/dial_guard.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace dial_guard_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::dial_guard;

namespace {

transport::endpoint at(const std::string& text) { return transport::endpoint::parse(text).value(); }

transport::host_options in_the_world() {
  transport::host_options o;
  o.address = asio::ip::make_address("192.0.2.1");
  return o;
}

struct dialling_host {
  testing::simulated_world world;
  core::metrics metrics;
  transport::host_options options = in_the_world();
  dial_guard guard{world.env(), metrics, options};

  int spent_on(const std::string& to, int tries) {
    int n = 0;
    for (int i = 0; i < tries; ++i) n += guard.spend(at(to)) ? 1 : 0;
    return n;
  }
};

}  // namespace

TEST_CASE("a target gets so many packets and connections of this host, whoever asks for them and whatever the port") {
  dialling_host h;
  CHECK(h.spent_on("198.51.100.7:80", 10) == 10);
  CHECK(h.spent_on("198.51.100.7:443", 1000) == 14);
  CHECK(h.guard.spend(at("198.51.100.7:6084")).error() == transport::errc::overloaded);
  CHECK(h.spent_on("198.51.100.8:80", 1000) == 24);
  h.world.run_for(60s);
  CHECK(h.spent_on("198.51.100.7:80", 1000) == 24);
  CHECK(h.metrics.drops().at("dial_budget") > 0);
}

TEST_CASE("an IPv6 target is its /64") {
  dialling_host h;
  CHECK(h.spent_on("[2001:db8::1]:80", 1000) == 24);
  CHECK(h.spent_on("[2001:db8::2]:80", 1000) == 0);
}

TEST_CASE("where a node has authenticated nothing is owed") {
  dialling_host h;
  CHECK(h.spent_on("198.51.100.7:6084", 1000) == 24);
  h.guard.authenticated(at("198.51.100.7:6084"));
  CHECK(h.spent_on("198.51.100.7:6084", 1000) == 24);
}

TEST_CASE("what is no address to dial costs nothing, and is counted") {
  dialling_host h;
  CHECK(h.guard.spend(at("127.0.0.1:80")).error() == transport::errc::refused);
  CHECK(h.guard.spend(at("192.0.2.1:22")).error() == transport::errc::refused);
  CHECK_FALSE(h.guard.allows(at("10.0.0.1:6084")));
  CHECK(h.metrics.drops().at("dial_address") == 2);
}

}  // namespace dial_guard_test

#include "settings/host_options.hpp"

#include <doctest.h>

#include "settings/ladder_settings.hpp"
#include "support/temporary_directory.hpp"

namespace host_options_test {

using namespace phyllo;

TEST_CASE("a further address is one to listen on, and behind a NAT one that others dial") {
  const auto plain = node::bound_address_of("2001:db8::7");
  REQUIRE(plain);
  CHECK(plain->address.to_string() == "2001:db8::7");
  CHECK_FALSE(plain->advertised);
  const auto behind = node::bound_address_of("10.0.0.7=203.0.113.7");
  REQUIRE(behind);
  CHECK(behind->address.to_string() == "10.0.0.7");
  CHECK(behind->advertised->to_string() == "203.0.113.7");
  for (const auto* bad : {"", "host.example", "10.0.0.7=", "=203.0.113.7", "10.0.0.7=host", "10.0.0.7=0.0.0.0",
                          "10.0.0.7=::", "10.0.0.7:80", "10.0.0.7 = 203.0.113.7"})
    CHECK_MESSAGE(!node::bound_address_of(bad), std::string(bad));
}

TEST_CASE("a host takes its addresses, peers, load balancers, limits and ports from the configuration") {
  const testing::temporary_directory d;
  node::configuration c;
  c.node.data_directory = d.path();
  c.node.address = "10.0.0.1";
  c.node.advertised_address = "192.0.2.1";
  c.node.further_addresses = {"2001:db8::7"};
  c.sip.peers = {"198.51.100.0/24"};
  c.limits.proxies = {"10.0.0.9"};
  c.limits.half_open_max = 77;
  c.ports.sip = 5555;
  transport::rung_memory kept;
  kept.note("net", transport::rung::https, core::from_unix_milliseconds(1'767'225'600'000));
  REQUIRE(node::save_rungs(c, kept));
  const auto o = node::host_options_of(c);
  CHECK(o.address.to_string() == "10.0.0.1");
  CHECK(o.advertised_address == "192.0.2.1");
  REQUIRE(o.further_addresses.size() == 1);
  REQUIRE(o.named.size() == 1);
  CHECK(o.named[0].contains(asio::ip::make_address("198.51.100.200")));
  REQUIRE(o.proxies.size() == 1);
  CHECK(o.proxies[0].contains(asio::ip::make_address("10.0.0.9")));
  CHECK_FALSE(o.proxies[0].contains(asio::ip::make_address("10.0.0.8")));
  CHECK(o.limits.half_open_max == 77);
  CHECK(o.ports.sip == 5555);
  CHECK(o.rungs.winner("net") == transport::rung::https);
}

}  // namespace host_options_test

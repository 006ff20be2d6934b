#include "transport/port/network_name.hpp"

#include <doctest.h>

#include <set>

namespace network_name_test {

using namespace phyllo::transport;

TEST_CASE("the default route's gateway is found in what the kernel prints") {
  CHECK(default_gateways_v4("Iface\tDestination\tGateway \tFlags\neth0\t00000000\t0102A8C0\t0003\neth0\t0002A8C0\t00000000\t0001\n") ==
        "0102A8C0 ");
  CHECK(default_gateways_v4("").empty());
  CHECK(default_gateways_v4("eth0\t00000000\n").empty());
  const std::string nowhere(32, '0');
  const std::string gateway = "fe800000000000000000000000000001";
  CHECK(default_gateways_v6(nowhere + " 00 " + nowhere + " 00 " + gateway + " 00000400 eth0\n" + nowhere + " 00 " + nowhere + " 00 " +
                            nowhere + " ffffffff lo\n") == gateway + " ");
}

TEST_CASE("addresses of one prefix are in one network, others are not, and no address can be read from the name") {
  const auto name = [](const char* text) { return network_name(asio::ip::make_address(text)); };
  CHECK(name("192.0.2.1") == name("192.0.2.200"));
  CHECK(name("192.0.2.1") != name("192.0.3.1"));
  CHECK(name("2001:db8::1") == name("2001:db8::2"));
  CHECK(name("2001:db8::1") != name("2001:db8:0:1::1"));
  CHECK(name("192.0.2.1").size() == 16);
}

}  // namespace network_name_test

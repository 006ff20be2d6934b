#include "transport/port/own_addresses.hpp"

#include <doctest.h>

#include <asio/io_context.hpp>

namespace own_addresses_test {

using namespace phyllo;

namespace {

std::vector<std::string> of(const transport::host_options& o) {
  asio::io_context io;
  std::vector<std::string> out;
  for (const auto& a : transport::own_addresses(o, io.get_executor())) out.push_back(a.to_string());
  return out;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a host lives where it binds and where it says that it is, in that order") {
  transport::host_options o;
  o.address = asio::ip::make_address("10.0.0.1");
  o.advertised_address = "192.0.2.1";
  o.further_addresses.push_back({asio::ip::make_address("2001:db8::1"), std::nullopt});
  o.further_addresses.push_back({asio::ip::make_address("fd00::1"), asio::ip::make_address("2001:db8::2")});
  CHECK(of(o) == texts{"10.0.0.1", "192.0.2.1", "2001:db8::1", "fd00::1", "2001:db8::2"});
}

TEST_CASE("an advertised name is no address, and is left out") {
  transport::host_options o;
  o.address = asio::ip::make_address("10.0.0.1");
  o.advertised_address = "node.example.com";
  CHECK(of(o) == texts{"10.0.0.1"});
}

TEST_CASE("a host that binds no address has one all the same, and never the unspecified one") {
  const auto found = of({});
  REQUIRE_FALSE(found.empty());
  for (const auto& a : found) {
    CHECK(a != "0.0.0.0");
    CHECK(a != "::");
  }
}

TEST_CASE("from loopback one goes to loopback") {
  asio::io_context io;
  CHECK(transport::source_towards(io.get_executor(), {asio::ip::make_address("127.0.0.7"), 9}).is_loopback());
}

TEST_CASE("all ports of a host are its own") {
  transport::host_options o;
  o.ports = {1, 2, 3, 4, 5, 6};
  CHECK(transport::own_ports(o) == std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6});
}

}  // namespace own_addresses_test

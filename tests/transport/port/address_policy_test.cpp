#include "phyllo/transport/address_policy.hpp"

#include <doctest.h>

#include <string>
#include <vector>

namespace address_policy_test {

using namespace phyllo;
using transport::address_policy;
using transport::address_scope;

namespace {

address_scope scope(const std::string& text) { return transport::scope_of(asio::ip::make_address(text)); }
transport::endpoint at(const std::string& text) { return transport::endpoint::parse(text).value(); }

address_policy living_at(const std::vector<std::string>& own) {
  std::vector<asio::ip::address> addresses;
  for (const auto& o : own) addresses.push_back(asio::ip::make_address(o));
  return {addresses, {6084, 5060}};
}

}  // namespace

TEST_CASE("an address is of the scope that RFC 6890 says") {
  for (const auto* never : {"0.0.0.0", "0.1.2.3", "224.0.0.251", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "ff02::fb"})
    CHECK_MESSAGE(scope(never) == address_scope::never, never);
  for (const auto* loopback : {"127.0.0.1", "127.255.0.9", "::1"}) CHECK_MESSAGE(scope(loopback) == address_scope::loopback, loopback);
  for (const auto* link : {"169.254.169.254", "fe80::1"}) CHECK_MESSAGE(scope(link) == address_scope::link, link);
  for (const auto* of_a_network : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.9.9", "198.18.0.1",
                                   "fc00::1", "fd12:3456::1", "fec0::1"})
    CHECK_MESSAGE(scope(of_a_network) == address_scope::private_use, of_a_network);
  for (const auto* global : {"192.0.2.1", "172.32.0.1", "172.15.255.255", "100.128.0.1", "11.0.0.1", "2001:db8::1", "2a00::1"})
    CHECK_MESSAGE(scope(global) == address_scope::global, global);
}

TEST_CASE("an IPv4 address inside an IPv6 one is judged, whatever wraps it") {
  for (const auto* loopback :
       {"::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::1", "::ffff:0:127.0.0.1", "2001:0:c633:6401::80ff:fffe"})
    CHECK_MESSAGE(scope(loopback) == address_scope::loopback, loopback);
  CHECK(scope("2002:a00:1::5") == address_scope::private_use);
  CHECK(scope("64:ff9b::10.1.2.3") == address_scope::private_use);
  CHECK(scope("64:ff9b:1::192.0.2.1") == address_scope::private_use);
  CHECK(scope("::ffff:192.0.2.1") == address_scope::global);
  CHECK(scope("2001:0:7f00:1::3fff:fdd2") == address_scope::loopback);  // Teredo's server
}

TEST_CASE("a node in the world dials the world, and nothing else") {
  const auto policy = living_at({"192.0.2.1", "2001:db8::1"});
  for (const auto* yes : {"198.51.100.7:6084", "[2001:db8::2]:443"}) CHECK_MESSAGE(policy.may_dial(at(yes)), yes);
  for (const auto* no : {"127.0.0.1:80", "10.0.0.1:6084", "169.254.169.254:80", "224.0.0.1:6084", "255.255.255.255:6084", "0.0.0.0:6084",
                         "[::1]:80", "[::ffff:10.0.0.1]:6084", "[fe80::1]:6084", "[fd00::1]:6084", "198.51.100.7:0"})
    CHECK_MESSAGE(!policy.may_dial(at(no)), no);
}

TEST_CASE("a node never dials itself, however its address is written") {
  const auto policy = living_at({"192.0.2.1", "10.0.0.5"});
  for (const auto* own :
       {"192.0.2.1:6084", "192.0.2.1:22", "10.0.0.5:22", "[::ffff:192.0.2.1]:22", "[64:ff9b::192.0.2.1]:22", "[2002:c000:201::1]:22"})
    CHECK_MESSAGE(!policy.may_dial(at(own)), own);
}

TEST_CASE("what the operator names is dialled whatever its scope, but never the node itself") {
  const auto gateway = transport::address_prefix::parse("10.9.0.0/16").value();
  const address_policy policy({asio::ip::make_address("192.0.2.1"), asio::ip::make_address("10.9.0.1")}, {5060}, {gateway});
  CHECK(policy.may_dial(at("10.9.8.7:5060")));
  CHECK_FALSE(policy.may_dial(at("10.9.0.1:22")));
  const address_policy in_the_world({asio::ip::make_address("192.0.2.1")}, {5060}, {gateway});
  CHECK(in_the_world.may_dial(at("10.9.8.7:5060")));
  CHECK_FALSE(in_the_world.may_dial(at("10.8.0.1:5060")));
}

TEST_CASE("a node in a network dials that kind of network, too; one on loopback its neighbours there, but none of its own ports") {
  const auto at_home = living_at({"192.168.1.5"});
  CHECK(at_home.may_dial(at("192.168.1.6:6084")));
  CHECK(at_home.may_dial(at("192.0.2.1:6084")));
  CHECK_FALSE(at_home.may_dial(at("127.0.0.1:6084")));
  const auto alone = living_at({"127.0.1.1"});
  CHECK(alone.may_dial(at("127.0.1.2:6084")));
  CHECK(alone.may_dial(at("127.0.1.1:7000")));
  CHECK_FALSE(alone.may_dial(at("127.0.1.1:6084")));
  CHECK_FALSE(alone.may_dial(at("10.0.0.1:6084")));
}

}  // namespace address_policy_test

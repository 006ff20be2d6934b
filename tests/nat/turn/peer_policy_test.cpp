#include "phyllo/nat/peer_policy.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace peer_policy_test {

using namespace turn_bench;
using asio::ip::address;
using asio::ip::address_v4;
using asio::ip::address_v6;

namespace {

// One address of each special range (RFC 6890 and its registry), and the first and last of those that are large.
const std::vector<const char*> special_v4{
    "0.0.0.0",      "0.0.0.1",         "0.255.255.255", "10.0.0.1",        "10.255.255.255",  "100.64.0.1",      "100.127.255.255",
    "127.0.0.1",    "127.255.255.254", "169.254.0.1",   "169.254.169.254", "172.16.0.1",      "172.31.255.255",  "192.0.0.1",
    "192.0.0.170",  "192.0.2.1",       "192.88.99.1",   "192.168.0.1",     "192.168.255.255", "198.18.0.1",      "198.19.255.255",
    "198.51.100.1", "203.0.113.1",     "224.0.0.1",     "239.255.255.255", "240.0.0.1",       "255.255.255.255", "8.8.4.4",
};  // the last one is the host's own
const std::vector<const char*> special_v6{
    "::",          "::1",          "64:ff9b:1::808:808",
    "100::1",      "100:0:0:1::1", "2001:2::1",
    "2001:db8::1", "2001:10::1",   "2001:20::1",
    "2001:30::1",  "3fff::1",      "5f00::1",
    "fc00::1",     "fdff::1",      "fe80::1",
    "febf::1",     "fec0::1",      "ff02::1",
    "ff0e::1",     "2001:db8::9",  "2a00:1450::53",
};  // the last one is the host's own

address_v6::bytes_type with(std::initializer_list<unsigned char> prefix, std::size_t at_octet, const address_v4& a, bool inverted = false) {
  address_v6::bytes_type out{};
  std::copy(prefix.begin(), prefix.end(), out.begin());
  const auto octets = a.to_bytes();
  for (std::size_t i = 0; i < 4; ++i) out[at_octet + i] = static_cast<unsigned char>(inverted ? octets[i] ^ 0xff : octets[i]);
  return out;
}

// In every form that IPv6 has for an IPv4 address.
std::vector<address> forms_of(const address_v4& a) {
  return {
      a,
      address_v6(with({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, a)),  // mapped
      address_v6(with({}, 12, a)),                                          // compatible
      address_v6(with({0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 12, a)),        // translated
      address_v6(with({0x00, 0x64, 0xff, 0x9b}, 12, a)),                    // NAT64
      address_v6(with({0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 12, a)),        // a network's own NAT64
      address_v6(with({0x20, 0x02}, 2, a)),                                 // 6to4
      address_v6(with({0x20, 0x01, 0, 0, 8, 8, 8, 8}, 12, a, true)),        // Teredo's client
  };
}

std::vector<address> denied_addresses() {
  std::vector<address> out;
  for (const auto* text : special_v4) {
    for (const auto& form : forms_of(asio::ip::make_address_v4(text))) out.push_back(form);
  }
  for (const auto* text : special_v6) out.push_back(asio::ip::make_address(text));
  return out;
}

nat::peer_policy::rules own() { return {.own = {at("8.8.4.4:0").address, at("[2a00:1450::53]:0").address}}; }

}  // namespace

TEST_CASE("every special range, in every form, is refused by CreatePermission, ChannelBind, Send and Connect") {
  bench b(settings(), own());
  REQUIRE(b.allocate([](stun::message_writer& w) { w.add_octet(type::additional_address_family, 2); }).success());
  std::size_t cases = 0;
  for (const auto& a : denied_addresses()) {
    CAPTURE(a.to_string());
    const core::endpoint peer{a, 9};
    CHECK(b.permit(peer).code() == 403);
    CHECK(b.bind(0x4000, peer).code() == 403);
    CHECK(b.connect(peer).code() == 403);
    const auto before = b.dropped("turn_peer_denied");
    b.send(peer, "x");
    CHECK(b.dropped("turn_peer_denied") == before + 1);
    cases += 4;
  }
  CHECK(b.done.relayed.empty());
  CHECK(cases >= 480);
}

TEST_CASE("global addresses are allowed, also inside those forms that networks translate") {
  const nat::peer_policy p(own());
  for (const auto* text :
       {"8.8.8.8", "1.1.1.1", "192.0.1.1", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1"})
    CHECK(p.allows(asio::ip::make_address(text)));
  for (const auto* text : {"::ffff:8.8.8.8", "::8.8.8.8", "::ffff:0:8.8.8.8"}) CHECK_FALSE(p.allows(asio::ip::make_address(text)));
}

TEST_CASE("the operator allows and denies, and denying is stronger") {
  auto rules = own();
  rules.allowed = {transport::address_prefix::parse("127.0.0.0/8").value(), transport::address_prefix::parse("fd00::/8").value()};
  rules.denied = {transport::address_prefix::parse("127.0.0.2").value(), transport::address_prefix::parse("8.8.8.0/24").value()};
  const nat::peer_policy p(rules);
  CHECK(p.allows(asio::ip::make_address("127.0.0.1")));
  CHECK(p.allows(asio::ip::make_address("fd00::1")));
  CHECK_FALSE(p.allows(asio::ip::make_address("127.0.0.2")));
  CHECK_FALSE(p.allows(asio::ip::make_address("::ffff:127.0.0.2")));
  CHECK_FALSE(p.allows(asio::ip::make_address("8.8.8.8")));
  CHECK_FALSE(p.allows(asio::ip::make_address("64:ff9b::808:808")));
  CHECK_FALSE(p.allows(asio::ip::make_address("10.0.0.1")));
}

}  // namespace peer_policy_test

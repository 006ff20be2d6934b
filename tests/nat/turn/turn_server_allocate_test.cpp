#include "turn/turn_server.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_server_allocate_test {

using namespace turn_bench;

namespace {

fill family(std::uint16_t attribute, std::uint8_t value) {
  return [=](stun::message_writer& w) { w.add_octet(attribute, value); };
}

}  // namespace

TEST_CASE("an allocation: relayed and mapped address, lifetime, integrity; it expires") {
  bench b;
  const auto got = b.allocate();
  REQUIRE(got.success());
  const auto relayed = stun::xor_address_in(got.view(), type::xor_relayed_address);
  REQUIRE(relayed.has_value());
  CHECK(relayed->address.to_string() == "198.51.100.9");
  CHECK(relayed->port >= 49152);
  CHECK(stun::xor_address_in(got.view(), type::xor_mapped_address) == b.client.client);
  CHECK(stun::number32_of(*got.view().find(type::lifetime)) == 600);
  CHECK(got.view().verify(stun::make_long_term_key(stun::password_algorithm::md5, "alice", "example.org", "secret").octets()));
  CHECK(b.done.open.begin()->second == *relayed);
  CHECK(b.server.next() == b.now + 600s);
  b.server.at(b.now + 599s);
  CHECK(b.server.allocations() == 1);
  b.server.at(b.now + 600s);
  CHECK(b.server.allocations() == 0);
  CHECK(b.done.open.empty());
  CHECK(b.server.next() == std::nullopt);
}

TEST_CASE("lifetimes: at least 600 seconds, at most the server's most; 0 in a Refresh ends the allocation") {
  bench b;
  const auto lifetime = [](std::uint32_t s) { return [s](stun::message_writer& w) { w.add_number32(type::lifetime, s); }; };
  CHECK(stun::number32_of(*b.allocate(lifetime(0)).view().find(type::lifetime)) == 600);
  for (const auto& [asked, granted] : std::map<std::uint32_t, std::uint32_t>{{1, 600}, {777, 777}, {1'000'000, 3600}})
    CHECK(stun::number32_of(*b.ask(stun::method::refresh, lifetime(asked)).view().find(type::lifetime)) == granted);
  CHECK(stun::number32_of(*b.ask(stun::method::refresh, lifetime(0)).view().find(type::lifetime)) == 0);
  CHECK(b.server.allocations() == 0);
  CHECK(b.ask(stun::method::refresh, lifetime(0)).code() == 437);
}

TEST_CASE("an Allocate request that comes again is answered again, another one is refused with 437") {
  bench b;
  const auto request = b.guarded(stun::method::allocate, family(type::requested_transport, 17), b.nonce());
  const auto first = b.tell(request);
  const auto again = b.tell(request);
  REQUIRE((first && again));
  CHECK(first->octets == again->octets);
  CHECK(b.server.allocations() == 1);
  CHECK(b.allocate().code() == 437);
}

TEST_CASE("Allocate: the codes of RFC 8656 s.7.2 and RFC 8016") {
  struct row {
    const char* what;
    fill request;
    int code;
  };
  const auto both = [](const fill& a, const fill& c) {
    return [=](stun::message_writer& w) {
      a(w);
      c(w);
    };
  };
  const auto udp = family(type::requested_transport, 17);
  const auto token = [](stun::message_writer& w) { w.add_number64(type::reservation_token, 99); };
  const auto even = family(type::even_port, 0);
  const auto pair = family(type::even_port, 0x80);
  for (const auto& r : std::vector<row>{
           {"no transport", {}, 400},
           {"TCP", family(type::requested_transport, 6), 442},
           {"don't fragment", both(udp, [](auto& w) { w.add_flag(type::dont_fragment); }), 420},
           {"an attribute that nobody knows", both(udp, [](auto& w) { w.add_flag(0x7ffe); }), 420},
           {"one that may be passed over", both(udp, [](auto& w) { w.add_flag(0xfffe); }), 0},
           {"a transport of two octets", [](auto& w) { w.add(type::requested_transport, core::bytes{17, 0}); }, 400},
           {"a token and EVEN-PORT", both(both(udp, token), even), 400},
           {"a token and a family", both(both(udp, token), family(type::requested_address_family, 1)), 400},
           {"a token and another family", both(both(udp, token), family(type::additional_address_family, 2)), 400},
           {"no such token", both(udp, token), 508},
           {"both family attributes",
            both(both(udp, family(type::requested_address_family, 1)), family(type::additional_address_family, 2)), 400},
           {"no such family", both(udp, family(type::requested_address_family, 3)), 440},
           {"IPv4 besides", both(udp, family(type::additional_address_family, 1)), 400},
           {"a pair and another family", both(both(udp, pair), family(type::additional_address_family, 2)), 400},
           {"a lifetime of one octet", both(udp, [](auto& w) { w.add(type::lifetime, core::bytes{1}); }), 400},
           {"a ticket that has something in it", both(udp, [](auto& w) { w.add(type::mobility_ticket, core::bytes{1}); }), 400},
           {"IPv6", both(udp, family(type::requested_address_family, 2)), 0},
       }) {
    CAPTURE(r.what);
    bench b;
    const auto got = b.ask(stun::method::allocate, r.request);
    CHECK(got.code() == r.code);
    CHECK(b.server.allocations() == (r.code == 0 ? 1U : 0U));
    CHECK(b.done.open.size() == b.server.allocations());
    CHECK(got.view().has_integrity());
  }
}

TEST_CASE("EVEN-PORT: an even one, and the next one for whoever brings the token, once, within 30 seconds") {
  bench b;
  const auto got = b.allocate(family(type::even_port, 0x80));
  REQUIRE(got.success());
  const auto first = *stun::xor_address_in(got.view(), type::xor_relayed_address);
  CHECK(first.port % 2 == 0);
  const auto token = stun::number64_of(*got.view().find(type::reservation_token)).value();
  CHECK(b.done.open.size() == 2);
  const auto with_token = [token](stun::message_writer& w) { w.add_number64(type::reservation_token, token); };
  b.client.client.port = 5001;
  const auto second = b.allocate(with_token);
  REQUIRE(second.success());
  CHECK(stun::xor_address_in(second.view(), type::xor_relayed_address) ==
        core::endpoint{first.address, static_cast<std::uint16_t>(first.port + 1)});
  b.client.client.port = 5002;
  CHECK(b.allocate(with_token).code() == 508);
  CHECK(b.allocate(family(type::even_port, 0)).success());
  b.client.client.port = 5003;
  const auto third = b.allocate(family(type::even_port, 0x80));
  REQUIRE(third.success());
  CHECK(b.done.open.size() == 5);
  CHECK(b.server.next() == b.now + 30s);
  b.server.at(b.now + 30s);
  CHECK(b.done.open.size() == 4);
}

TEST_CASE("both families: two relayed addresses, or one and the reason why not the other") {
  bench b;
  const auto got = b.allocate(family(type::additional_address_family, 2));
  REQUIRE(got.success());
  std::vector<std::string> addresses;
  const auto m = got.view();
  for (const auto& a : m) {
    if (a.type == type::xor_relayed_address) addresses.push_back(stun::xor_address_of(a.value, m.transaction())->address.to_string());
  }
  CHECK(addresses == std::vector<std::string>{"198.51.100.9", "2001:db8::9"});
  auto s = settings();
  s.relay_addresses.pop_back();
  bench only_v4(s);
  const auto half = only_v4.allocate(family(type::additional_address_family, 2));
  REQUIRE(half.success());
  CHECK(stun::address_error_of(*half.view().find(type::address_error_code))->code == 440);
  only_v4.client.client.port = 7000;
  CHECK(only_v4.allocate(family(type::requested_address_family, 2)).code() == 440);
  CHECK(only_v4.ask(stun::method::refresh).code() == 437);
  only_v4.client.client.port = 5000;
  CHECK(only_v4.ask(stun::method::refresh, family(type::requested_address_family, 2)).code() == 443);
}

TEST_CASE("no port is to be had: 508, and nothing stays open") {
  auto s = settings();
  s.port_first = 50000;
  s.port_last = 50003;
  bench b(s);
  b.done.taken = {50000, 50001, 50003};
  CHECK(b.allocate(family(type::even_port, 0x80)).code() == 508);
  CHECK(b.done.open.empty());
  CHECK(b.allocate().success());
  b.client.client.port = 1;
  CHECK(b.allocate().code() == 508);
  CHECK(b.server.relays() == 1);
}

}  // namespace turn_server_allocate_test

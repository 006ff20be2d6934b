#include "sip/phone_ways.hpp"

#include <doctest.h>

namespace phone_ways_test {

using namespace phyllo;
using sip::phone_ways;
using transport::endpoint;

namespace {

struct bare_port final : transport::datagram_port {
  explicit bare_port(std::uint16_t number) : at{asio::ip::make_address("127.0.0.1"), number} {}
  core::status send(const endpoint&, core::byte_view) override { return {}; }
  core::status send_batch(std::span<const transport::outgoing_datagram>) override { return {}; }
  [[nodiscard]] const endpoint& local() const noexcept override { return at; }
  endpoint at;
};

struct two_ports {
  core::metrics metrics;
  bare_port sip{5060};
  bare_port other{443};
  phone_ways ways{{1, 2}, metrics};

  two_ports() { ways.add(&sip); }
};

endpoint stranger(unsigned i) { return {asio::ip::address_v4(0x0a000000U + i), 5060}; }
const endpoint phone{asio::ip::make_address("192.0.2.1"), 5060};

}  // namespace

TEST_CASE("a datagram leaves from the port on which its receiver was heard last") {
  two_ports p;
  CHECK(p.ways.towards(phone) == &p.sip);
  p.ways.heard(p.other, phone);
  CHECK(p.ways.towards(phone) == &p.other);
  p.ways.keep(phone);
  CHECK(p.ways.towards(phone) == &p.other);
  p.ways.heard(p.sip, phone);
  CHECK(p.ways.towards(phone) == &p.sip);
  CHECK(p.ways.towards({asio::ip::make_address("2001:db8::1"), 5060}) == nullptr);
}

TEST_CASE("a flood of strangers never takes a newcomer's way, nor a phone's that has shown that it receives") {
  two_ports p;
  p.ways.heard(p.other, phone);
  p.ways.keep(phone);
  for (unsigned i = 0; i < 2 * phone_ways::strangers_max; ++i) p.ways.heard(p.other, stranger(i));
  CHECK(p.metrics.evictions("sip_ways_of_strangers").value() == phone_ways::strangers_max);
  CHECK(p.ways.towards(phone) == &p.other);
  CHECK(p.ways.towards(stranger(2 * phone_ways::strangers_max - 1)) == &p.other);
  CHECK(p.ways.towards(stranger(0)) == &p.sip);
}

}  // namespace phone_ways_test

#include "transport/port/sip_sockets.hpp"

#include <doctest.h>

#include "support/run.hpp"

namespace sip_sockets_test {

using namespace phyllo;
using transport::endpoint;
using transport::sip_sockets;

namespace {

struct two_ports {
  testing::real_world world;
  core::metrics metrics;
  transport::receive_arena arena;
  std::shared_ptr<transport::udp_socket> sip = open();
  std::shared_ptr<transport::udp_socket> other = open();
  sip_sockets ways{{1, 2}, metrics};

  two_ports() { ways.add(sip.get()); }
  std::shared_ptr<transport::udp_socket> open() {
    return *transport::udp_socket::open(*world.env, metrics, arena, {asio::ip::make_address("127.0.0.1"), 0});
  }
};

endpoint stranger(unsigned i) { return {asio::ip::address_v4(0x0a000000U + i), 5060}; }
const endpoint phone{asio::ip::make_address("192.0.2.1"), 5060};

}  // namespace

TEST_CASE("a datagram leaves from the port on which its receiver was heard last") {
  two_ports p;
  CHECK(p.ways.towards(phone) == p.sip.get());
  p.ways.heard(*p.other, phone);
  CHECK(p.ways.towards(phone) == p.other.get());
  p.ways.keep(phone);
  CHECK(p.ways.towards(phone) == p.other.get());
  p.ways.heard(*p.sip, phone);
  CHECK(p.ways.towards(phone) == p.sip.get());
}

TEST_CASE("a flood of strangers never takes a newcomer's way, nor a phone's that has shown that it receives") {
  two_ports p;
  p.ways.heard(*p.other, phone);
  p.ways.keep(phone);
  for (unsigned i = 0; i < 2 * sip_sockets::strangers_max; ++i) p.ways.heard(*p.other, stranger(i));
  CHECK(p.metrics.evictions("sip_ways_of_strangers").value() == sip_sockets::strangers_max);
  CHECK(p.ways.towards(phone) == p.other.get());
  CHECK(p.ways.towards(stranger(2 * sip_sockets::strangers_max - 1)) == p.other.get());
  CHECK(p.ways.towards(stranger(0)) == p.sip.get());
}

}  // namespace sip_sockets_test

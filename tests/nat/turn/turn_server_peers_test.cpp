#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_server_peers_test {

using namespace turn_bench;

namespace {

const auto peer = at("8.8.8.8:7000");

}  // namespace

TEST_CASE("ChannelBind: the codes of RFC 8656 s.12.2") {
  bench b;
  REQUIRE(b.allocate().success());
  CHECK(b.bind(0x3fff, peer).code() == 400);
  CHECK(b.bind(0x5000, peer).code() == 400);
  CHECK(b.bind(0x4000, at("[2a00:1450::1]:1")).code() == 443);
  CHECK(b.bind(0x4000, at("8.8.8.8:0")).code() == 400);
  CHECK(b.bind(0x4000, peer).code() == 0);
  CHECK(b.bind(0x4000, peer).code() == 0);
  CHECK(b.bind(0x4fff, peer).code() == 400);
  CHECK(b.bind(0x4000, at("8.8.8.8:7001")).code() == 400);
  CHECK(b.ask(stun::method::channel_bind).code() == 400);
  CHECK(b.ask(stun::method::channel_bind, [](auto& w) { w.add_number16(type::channel_number, 0x4002); }).code() == 400);
  b.now += 600s;
  REQUIRE(b.ask(stun::method::refresh).code() == 0);
  CHECK(b.bind(0x4000, at("8.8.8.8:7001")).code() == 0);
}

TEST_CASE("RFC 5766's channels up to 0x7fff where the operator lets them") {
  auto s = settings();
  s.old_channels = true;
  bench b(s);
  REQUIRE(b.allocate().success());
  CHECK(b.bind(0x7fff, peer).code() == 0);
  CHECK(b.bind(0x8000, peer).code() == 400);
}

TEST_CASE("CreatePermission: all of its peers or none") {
  bench b;
  REQUIRE(b.allocate().success());
  CHECK(b.ask(stun::method::create_permission).code() == 400);
  CHECK(b.permit(at("[2a00:1450::1]:1")).code() == 443);
  const auto two = b.ask(stun::method::create_permission, [](auto& w) {
    w.add_xor_address(type::xor_peer_address, peer);
    w.add_xor_address(type::xor_peer_address, at("127.0.0.1:1"));
  });
  CHECK(two.code() == 403);
  b.send(peer, "x");
  CHECK(b.done.relayed.empty());
  CHECK(b.ask(stun::method::create_permission, [](auto& w) {
           w.add(type::xor_peer_address, core::bytes{0, 3, 0, 0, 1, 2, 3, 4});
         }).code() == 400);
}

TEST_CASE("tables of an allocation are bounded: 508") {
  auto s = settings();
  s.limits.permissions = 2;
  s.limits.channels = 1;
  bench b(s);
  REQUIRE(b.allocate().success());
  CHECK(b.bind(0x4000, at("8.8.8.1:1")).code() == 0);
  CHECK(b.bind(0x4001, at("8.8.8.1:2")).code() == 508);
  CHECK(b.permit(at("8.8.8.2:1")).code() == 0);
  CHECK(b.permit(at("8.8.8.3:1")).code() == 508);
  CHECK(b.permit(at("8.8.8.2:1")).code() == 0);
  b.now += 301s;
  CHECK(b.permit(at("8.8.8.3:1")).code() == 0);
}

}  // namespace turn_server_peers_test

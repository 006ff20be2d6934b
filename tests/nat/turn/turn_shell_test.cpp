// A TURN client's datagrams and streams against a host that serves TURN, over real sockets.
#include "turn/turn_shell.hpp"

#include <doctest.h>

#include <asio/ip/udp.hpp>
#include <functional>

#include "host_fixture.hpp"
#include "phyllo/stun/binding.hpp"
#include "turn/turn_bench.hpp"
#include "udp_stranger.hpp"

namespace turn_shell_test {

using namespace phyllo;
using namespace std::chrono_literals;
namespace type = stun::attribute_type;

namespace {

nat::turn_settings loopback_settings() {
  nat::turn_settings s;
  s.realm = "example.org";
  s.limits.refusals_of_source = 1000;
  s.allowed_peers = {transport::address_prefix::parse("127.0.0.0/8").value()};
  return s;
}

// Writes what alice asks for; her nonce is empty at first.
struct asking {
  std::string nonce;
  std::uint8_t transactions = 0;

  core::bytes request(stun::method m, const turn_bench::fill& f) {
    core::bytes out(1000);
    stun::message_writer w(out, m, stun::message_class::request, {++transactions});
    if (f) f(w);
    if (!nonce.empty()) {
      w.add_text(type::username, "alice");
      w.add_text(type::realm, "example.org");
      w.add_text(type::nonce, nonce);
      w.add_integrity(stun::make_long_term_key(stun::password_algorithm::md5, "alice", "example.org", "secret").octets());
    }
    out.resize(w.done().size());
    return out;
  }
};

void transport_wish(stun::message_writer& w) { w.add_octet(type::requested_transport, 17); }

core::awaitable<core::bytes> received(core::environment& env, testing::udp_stranger& s) {
  for (int i = 0; i < 300; ++i) {
    auto got = s.receive();
    if (!got.empty()) co_return got;
    co_await core::sleep_for(env, 10ms);
  }
  co_return core::bytes();
}

core::awaitable<core::bytes> asked(core::environment& env, testing::udp_stranger& s, const transport::endpoint& to, core::bytes request) {
  s.send(to, request);
  co_return co_await received(env, s);
}

core::endpoint here(const testing::udp_stranger& s) {
  const auto e = s.socket.local_endpoint();
  return {e.address(), e.port()};
}

core::awaitable<void> over_udp(testing::two_hosts& w) {
  auto& env = *w.world.env;
  const turn_bench::user_book users;
  auto turn = nat::turn_service::create(env, *w.b, loopback_settings(), users, w.b_metrics);
  testing::udp_stranger client(w.world.io, 90);
  testing::udp_stranger peer(w.world.io, 90);
  const auto server = testing::loopback_at(90, 2, 13478);
  asking alice;
  const auto refused = co_await asked(env, client, server, alice.request(stun::method::allocate, transport_wish));
  REQUIRE_FALSE(refused.empty());
  alice.nonce = core::as_text(*stun::message_view::parse(refused)->find(type::nonce));
  const auto allocated = co_await asked(env, client, server, alice.request(stun::method::allocate, transport_wish));
  REQUIRE_FALSE(allocated.empty());
  const auto relayed = stun::xor_address_in(*stun::message_view::parse(allocated), type::xor_relayed_address);
  REQUIRE(relayed.has_value());
  CHECK(turn->status().allocations == 1);
  const auto to = here(peer);
  const turn_bench::fill channel = [to](stun::message_writer& m) {
    m.add_number16(type::channel_number, 0x4141);  // which looks like "AA"
    m.add_xor_address(type::xor_peer_address, to);
  };
  const auto bound = co_await asked(env, client, server, alice.request(stun::method::channel_bind, channel));
  REQUIRE(turn_bench::answer{bound}.success());
  for (int i = 0; i < 40; ++i) client.send(server, *core::from_hex("4141000461626364"));
  for (int i = 0; i < 40; ++i) {
    const auto got = co_await received(env, peer);
    CHECK(core::as_text(got) == "abcd");
  }
  for (int i = 0; i < 40; ++i) peer.send(*relayed, core::as_bytes("efgh"));
  for (int i = 0; i < 40; ++i) {
    const auto got = co_await received(env, client);
    CHECK(core::to_hex(got) == "4141000465666768");
  }
  co_await turn->stop();
  client.send(server, *core::from_hex("4141000461626364"));
  const std::function<bool()> counted = [&] { return w.b_metrics.drops()["turn_unserved"] == 1; };
  co_await testing::until(env, counted);
  CHECK(w.b_metrics.drops()["turn_unserved"] == 1);
  co_await w.stop();
}

core::awaitable<core::bytes> next_message(core::environment& env, transport::stream& s) {
  core::bytes got;
  while (got.size() < stun::header_size || got.size() < stun::header_size + (static_cast<std::size_t>(got[2]) << 8 | got[3])) {
    std::array<std::uint8_t, 1000> buffer{};
    const auto n = co_await s.read(buffer, env.now() + 3s);
    REQUIRE(n.has_value());
    core::append(got, core::byte_view(buffer).first(*n));
  }
  co_return got;
}

core::awaitable<void> over_tcp(testing::two_hosts& w) {
  auto& env = *w.world.env;
  const turn_bench::user_book users;
  auto turn = nat::turn_service::create(env, *w.b, loopback_settings(), users, w.b_metrics);
  testing::udp_stranger peer(w.world.io, 91);
  auto s = co_await w.a->open_tcp(testing::loopback_at(91, 2, 13478), env.now() + 3s);
  REQUIRE(s.has_value());
  asking alice;
  const auto binding = alice.request(stun::method::binding, {});
  const auto wrote_binding = co_await (*s)->write(binding, env.now() + 3s);
  REQUIRE(wrote_binding.has_value());
  const auto mapped = co_await next_message(env, **s);
  CHECK(stun::message_view::parse(mapped)->has(type::xor_mapped_address));
  const auto bare = alice.request(stun::method::allocate, transport_wish);
  const auto wrote_bare = co_await (*s)->write(bare, env.now() + 3s);
  REQUIRE(wrote_bare.has_value());
  const auto refused = co_await next_message(env, **s);
  alice.nonce = core::as_text(*stun::message_view::parse(refused)->find(type::nonce));
  const auto request = alice.request(stun::method::allocate, transport_wish);
  const auto wrote_request = co_await (*s)->write(request, env.now() + 3s);
  REQUIRE(wrote_request.has_value());
  const auto allocated = co_await next_message(env, **s);
  CHECK(turn_bench::answer{allocated}.success());
  CHECK(turn->status().allocations == 1);
  s->reset();
  const std::function<bool()> none_left = [&] { return turn->status().allocations == 0; };
  const bool ended = co_await testing::until(env, none_left);
  CHECK(ended);
  CHECK(turn->status().relay_ports == 0);
  co_await turn->stop();
  co_await w.stop();
}

}  // namespace

TEST_CASE("over UDP: a relayed port of its own, batches in both directions, and nothing after stop()") {
  testing::two_hosts w(90);
  w.world.run(over_udp(w));
}

TEST_CASE("over TCP: Binding and Allocate on one stream, whose end ends the allocation") {
  testing::two_hosts w(91);
  w.world.run(over_tcp(w));
}

}  // namespace turn_shell_test

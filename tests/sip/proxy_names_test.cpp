// Phones that name a node by its host's name: as their outbound proxy, or in place of the domain.
#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/calls.hpp"
#include "support/dns_server.hpp"
#include "support/stream_phone.hpp"

namespace proxy_names_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

struct asked {
  std::string user = "alice";
  std::string route{};  // empty: none
  std::string uri = "sip:bob@example.com";
};

sip::message invite(phone& p, const asked& a, std::uint32_t cseq, const std::string& call_id) {
  auto m = p.make("INVITE", a.uri, "<" + a.uri + ">", cseq, call_id);
  if (!a.route.empty()) append_route(m, a.route);
  return m;
}

std::string next_call() {
  static unsigned calls = 0;
  return "named-" + std::to_string(++calls);
}

core::awaitable<int> by_udp(phone& p, sip_node& n, asked a) {
  const auto call_id = next_call();
  const auto first = invite(p, a, 1, call_id);
  p.send(first, n.at());
  const auto challenge = co_await p.hear_status(407);
  acknowledge(p, challenge, first, n.at());
  auto second = invite(p, a, 2, call_id);
  p.authorize(second, challenge);
  p.send(second, n.at());
  while (true) {  // ends with a final answer, or fails the test
    const auto m = co_await p.hear();
    if (!m.is_request() && m.status() >= 200 && m.cseq().number == 2) {
      acknowledge(p, m, second, n.at());
      co_return m.status();
    }
  }
}

core::awaitable<void> refuse_calls(phone& bob) {
  while (true) bob.reply(co_await bob.hear_method("INVITE", 60s), 486);  // ends by cancellation
}

core::awaitable<int> by_tcp(sip_ring& ring, phone& p, sip_node& n, asked a) {
  auto connection = co_await stream_phone::connect(ring.env(), p.address(), n.at());
  const auto call_id = next_call();
  co_await connection->say(invite(p, a, 1, call_id));
  const auto challenge = co_await connection->hear_status(407);
  auto second = invite(p, a, 2, call_id);
  p.authorize(second, challenge);
  co_await connection->say(second);
  while (true) {  // ends with a final answer, or fails the test
    const auto m = co_await connection->hear();
    if (!m.is_request() && m.status() >= 200 && m.cseq().number == 2) co_return m.status();
  }
}

core::awaitable<int> registers_by(sip_node& n, phone& p, std::string uri) {
  const auto call_id = next_call();
  const auto to = "<sip:" + p.user() + "@example.com>";
  p.send(p.make("REGISTER", uri, to, 1, call_id), n.at());
  auto m = co_await p.hear();
  if (m.status() != 401) co_return m.status();
  auto second = p.make("REGISTER", uri, to, 2, call_id);
  p.authorize(second, m);
  p.send(second, n.at());
  m = co_await p.hear();
  co_return m.status();
}

core::awaitable<void> named(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  core::task_scope answering(ring.env());
  answering.spawn(refuse_calls(*bob));
  for (const auto* host : {"node1.example.com", "NODE1.example.com.", "node1.example.com:8443", "sip.example.net", "any.example.org"}) {
    CAPTURE(host);
    const asked by_route{.route = "<sip:" + std::string(host) + ";lr>"};
    const auto status1 = co_await by_udp(*alice, n, by_route);
    CHECK(status1 == 486);
    const auto status2 = co_await by_tcp(ring, *alice, n, by_route);
    CHECK(status2 == 486);
  }
  const asked by_uri{.uri = "sip:bob@node1.example.com"};
  const auto status3 = co_await by_udp(*alice, n, by_uri);
  CHECK(status3 == 486);
  const auto status4 = co_await by_tcp(ring, *alice, n, by_uri);
  CHECK(status4 == 486);
  for (const auto* host : {"node1.example.com:5099", "two.any.example.org", "example.org"}) {
    CAPTURE(host);
    const asked foreign{.route = "<sip:" + std::string(host) + ";lr>"};
    const auto status5 = co_await by_udp(*alice, n, foreign);
    CHECK(status5 == 404);
    const auto status6 = co_await by_tcp(ring, *alice, n, foreign);
    CHECK(status6 == 404);
  }
  const auto status7 = co_await registers_by(n, *alice, "sip:node1.example.com");
  CHECK(status7 == 200);
  const auto status8 = co_await registers_by(n, *alice, "sip:example.org");
  CHECK(status8 == 404);
  alice->send(alice->make("OPTIONS", "sip:node1.example.com", "<sip:node1.example.com>", 1, next_call()), n.at());
  (void)co_await alice->hear_status(200);
  answering.cancel();
  co_await answering.join();
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// A name below the domain that only DNS knows counts for users of ours, and by the addresses that it has. For others nobody is asked.
core::awaitable<void> looked_up(sip_ring& ring) {
  dns_server dns(ring.world.io, "127.50.141.53");
  dns.zone[{"node1.example.com", type_a}] = {{127, 50, 141, 1}};
  dns.zone[{"elsewhere.example.com", type_a}] = {{127, 50, 141, 99}};
  dns.zone[{"sip.example.org", type_a}] = {{127, 50, 141, 1}};
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto eve = ring.make_phone("eve", 103);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  core::task_scope answering(ring.env());
  answering.spawn(refuse_calls(*bob));
  auto stranger = eve->make("INVITE", "sip:bob@example.com", "<sip:bob@example.com>", 1, next_call());
  stranger.remove_headers("From");
  REQUIRE(stranger.add_header("From", "<sip:eve@example.net>;tag=e").has_value());
  append_route(stranger, "<sip:node1.example.com;lr>");
  eve->send(stranger, n.at());
  (void)co_await eve->hear_status(403);
  CHECK(dns.asked == 0);
  const asked by_name{.route = "<sip:node1.example.com;lr>"};
  const auto status9 = co_await by_udp(*alice, n, by_name);
  CHECK(status9 == 486);
  const auto status10 = co_await by_tcp(ring, *alice, n, by_name);
  CHECK(status10 == 486);
  const asked by_uri{.uri = "sip:bob@node1.example.com"};
  const auto status11 = co_await by_udp(*alice, n, by_uri);
  CHECK(status11 == 486);
  const asked elsewhere{.route = "<sip:elsewhere.example.com;lr>"};
  const auto status12 = co_await by_udp(*alice, n, elsewhere);
  CHECK(status12 == 404);
  const auto status13 = co_await by_tcp(ring, *alice, n, elsewhere);
  CHECK(status13 == 404);
  const auto before = dns.asked;
  const asked foreign{.route = "<sip:sip.example.org;lr>"};
  const auto status14 = co_await by_udp(*alice, n, foreign);
  CHECK(status14 == 404);
  const asked call_abroad{.uri = "sip:bob@sip.example.org"};
  const auto status15 = co_await by_udp(*alice, n, call_abroad);
  CHECK(status15 == 404);
  CHECK(dns.asked == before);
  answering.cancel();
  co_await answering.join();
  for (auto* p : {alice.get(), bob.get(), eve.get()}) co_await p->hang_up();
}

// Above the token of its dialog, too, as phones write their outbound proxy everywhere.
core::awaitable<void> within_a_dialog(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  (void)co_await invites(*alice, "bob@example.com", n.at(), "call");
  bob->reply(co_await bob->hear_method("INVITE"), 200);
  const auto ok = co_await alice->hear_status(200);
  for (const auto* method : {"ACK", "BYE"}) {
    auto m = within(*alice, method, ok, method == std::string("ACK") ? 2 : 3);
    push_route(m, "<sip:node1.example.com;lr>");
    alice->send(m, n.at());
    (void)co_await bob->hear_method(method);
  }
  co_await alice->hang_up();
  co_await bob->hang_up();
}

}  // namespace

TEST_CASE("a node is meant by the names of its certificate, in Route and Request-URI, at the ports that it listens on") {
  sip::service_options o;
  o.host_names = {"node1.example.com", "sip.example.net", "*.example.org"};
  o.ports.https = 8443;
  sip_ring ring(140, 1, o);
  ring.run(named(ring));
}

TEST_CASE("a name below the domain that DNS gives a node's address for is the node's, where a user of ours has written it") {
  sip::service_options o;
  o.dns_servers = {"127.50.141.53:5353"};
  sip_ring ring(141, 1, o);
  ring.run(looked_up(ring));
}

TEST_CASE("a node's name above the token of a dialog is taken off") {
  sip::service_options o;
  o.host_names = {"node1.example.com"};
  sip_ring ring(142, 1, o);
  ring.run(within_a_dialog(ring));
}

}  // namespace proxy_names_test

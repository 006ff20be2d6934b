// Dialogues of phones through the proxies of several supernodes, over real sockets.
#include <doctest.h>

#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "support/calls.hpp"
#include "support/stream_phone.hpp"

namespace proxy_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

std::string calls(sip_node& n, int code) {
  const auto text = n.metrics.text();
  const auto key = "phyllo_calls_total{code=\"" + std::to_string(code) + "\"} ";
  const auto at = text.find(key);
  if (at == std::string::npos) return "none";
  return text.substr(at + key.size(), text.find('\n', at) - at - key.size());
}

core::awaitable<void> whole_call(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2));
  auto& n = ring.node(1);
  const auto invite = co_await invites(*alice, "bob@example.com", n.at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  CHECK(credentials_in(seen, sip::field::proxy_authorization).empty());
  CHECK(seen.max_forwards() == 69U);
  CHECK(seen.record_routes().size() == 1);
  CHECK(seen.request_uri().text() == "sip:bob@" + bob->at());
  CHECK(seen.header("Max-Breadth") == "60");
  (void)co_await alice->hear_status(100);
  bob->reply(seen, 180);
  (void)co_await alice->hear_status(180);
  bob->reply(seen, 200);
  const auto ok = co_await alice->hear_status(200);
  auto ack = within(*alice, "ACK", ok, 2);
  alice->send(ack, first_hop(ack));
  const auto acknowledged = co_await bob->hear_method("ACK");
  CHECK(acknowledged.routes().empty());
  alice->send(ack, first_hop(ack));  // for a 200 that came twice
  const auto again = co_await bob->hear_method("ACK");
  CHECK(again.print() == acknowledged.print());
  CHECK(n.service->status().calls == 1);
  CHECK(calls(n, 200) == "1");
  CHECK(calls(n, 407) == "none");
  auto bye = within(*alice, "BYE", ok, 3);
  alice->send(bye, first_hop(bye));
  const auto heard = co_await bob->hear_method("BYE");
  bob->reply(heard, 200, false);
  (void)co_await alice->hear_status(200);
  CHECK(n.service->status().calls == 0);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> registrar_dies(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2));
  co_await ring.node(2).stop();
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE", 1s);
  bob->reply(seen, 200);
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// The Contact names another address than the phone's: what a NAT does.
core::awaitable<void> behind_nat(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2), 3600, "<sip:bob@" + ring.place(200) + ":5070>");
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call", "<sip:alice@" + ring.place(201) + ":5070>");
  const auto seen = co_await bob->hear_method("INVITE");
  CHECK(seen.vias().size() == 3);
  CHECK(seen.request_uri().host == ring.place(200));
  auto answer = seen.reply(200, {}, "bobs");
  for (const auto& rr : seen.headers("Record-Route")) REQUIRE(answer.add_header("Record-Route", rr).has_value());
  REQUIRE(answer.add_header("Contact", "<sip:bob@" + ring.place(200) + ":5070>").has_value());
  bob->send(answer, ring.node(2).at());
  const auto ok = co_await alice->hear_status(200);
  auto bye = within(*alice, "BYE", ok, 3);
  alice->send(bye, first_hop(bye));
  const auto heard = co_await bob->hear_method("BYE");
  CHECK(heard.routes().empty());
  bob->reply(heard, 200, false);
  (void)co_await alice->hear_status(200);

  // And from the callee, to the caller behind a NAT of its own.
  auto info = sip::message::request("INFO", "sip:alice@" + ring.place(201) + ":5070", "<sip:bob@example.com>;tag=bobs",
                                    "<sip:alice@example.com>;tag=alice", "call", 1)
                  .value();
  push_via(info, "UDP", bob->at(), "z9hG4bKinfo");
  for (const auto& rr : seen.record_routes()) append_route(info, "<" + rr.uri.text() + ">");
  bob->send(info, first_hop(info));
  const auto got = co_await alice->hear_method("INFO");
  CHECK(got.routes().empty());
  alice->reply(got, 200, false);
  (void)co_await bob->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> forks(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto desk = ring.make_phone("bob", 102);
  auto mobile = ring.make_phone("bob", 103);
  (void)co_await register_phone(*desk, ring.node(1));
  (void)co_await register_phone(*mobile, ring.node(2));
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto at_desk = co_await desk->hear_method("INVITE");
  const auto at_mobile = co_await mobile->hear_method("INVITE");
  CHECK(at_desk.header("Max-Breadth") == "30");
  desk->reply(at_desk, 180);
  mobile->reply(at_mobile, 180);
  (void)co_await alice->hear_status(180);
  (void)co_await alice->hear_status(180);
  mobile->reply(at_mobile, 200);
  (void)co_await alice->hear_status(200);
  const auto cancel = co_await desk->hear_method("CANCEL");
  CHECK(top_via(cancel)->branch == top_via(at_desk)->branch);
  desk->reply(cancel, 200, false);
  desk->reply(at_desk, 487, false);
  (void)co_await desk->hear_method("ACK");
  CHECK(calls(ring.node(1), 200) == "1");
  co_await alice->hang_up();
  co_await desk->hang_up();
  co_await mobile->hang_up();
}

core::awaitable<void> by_preference(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto desk = ring.make_phone("bob", 102);
  auto voicemail = ring.make_phone("bob", 103);
  (void)co_await register_phone(*voicemail, ring.node(1), 3600, voicemail->contact() + ";q=0.1");
  (void)co_await register_phone(*desk, ring.node(1));
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto at_desk = co_await desk->hear_method("INVITE");
  CHECK(voicemail->silent());
  desk->reply(at_desk, 486, false);
  const auto next = co_await voicemail->hear_method("INVITE");
  voicemail->reply(next, 200);
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
  co_await desk->hang_up();
  co_await voicemail->hang_up();
}

core::awaitable<void> cancels(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2));
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 180);
  (void)co_await alice->hear_status(180);
  auto cancel =
      sip::message::request("CANCEL", "sip:bob@example.com", "<sip:alice@example.com>;tag=alice", "<sip:bob@example.com>", "call", 2)
          .value();
  const auto via = *top_via(invite);
  push_via(cancel, "UDP", alice->at(), via.branch);
  alice->send(cancel, ring.node(1).at());
  (void)co_await alice->hear_status(200);
  const auto heard = co_await bob->hear_method("CANCEL");
  bob->reply(heard, 200, false);
  bob->reply(seen, 487, false);
  (void)co_await alice->hear_status(487);
  CHECK(calls(ring.node(1), 487) == "1");
  CHECK(ring.node(1).service->status().calls == 0);

  // While the overlay is still being asked.
  ring.ring.delay = 2s;
  const auto slow = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "slow");
  (void)co_await alice->hear_status(100);
  auto at_once =
      sip::message::request("CANCEL", "sip:bob@example.com", "<sip:alice@example.com>;tag=alice", "<sip:bob@example.com>", "slow", 2)
          .value();
  const auto branch = *top_via(slow);
  push_via(at_once, "UDP", alice->at(), branch.branch);
  alice->send(at_once, ring.node(1).at());
  (void)co_await alice->hear_status(200);
  (void)co_await alice->hear_status(487, 1s);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> refusals(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto& n = ring.node(1);
  (void)co_await invites(*alice, "nobody@example.com", n.at(), "c1");
  (void)co_await alice->hear_status(404);
  (void)co_await invites(*alice, "carol@example.com", n.at(), "c2");
  (void)co_await alice->hear_status(480);
  (void)co_await invites(*alice, "bob@example.org", n.at(), "c3");
  CHECK((co_await alice->hear_status(404)).phrase() == "Domain Not Reachable From Here");
  ring.ring.broken = overlay::errc::unreachable;
  (void)co_await invites(*alice, "carol@example.com", n.at(), "c4");
  CHECK((co_await alice->hear_status(503)).header("Retry-After").has_value());
  CHECK(calls(n, 404) == "2");
  CHECK(calls(n, 480) == "1");
  CHECK(calls(n, 503) == "1");
  co_await alice->hang_up();
}

// As long as a phone's: strangers are answered by the measure of what they send.
const std::string user_agent = "Telephone of the tests/1.0 (" + std::string(300, 'x') + ")";

core::awaitable<void> strangers(sip_ring& ring) {
  auto mallory = ring.make_phone("mallory", 103);  // acknowledges nothing, so his refusals are said again, within what a stranger may hear
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  auto& n = ring.node(1);
  const auto text = [&](const auto& by, const std::string& uri, const std::string& from, const std::string& id) {
    return "INVITE " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + by->at() + ";branch=z9hG4bK" + id + "\r\nMax-Forwards: 70\r\nFrom: <" +
           from + ">;tag=e\r\nTo: <" + uri + ">\r\nCall-ID: " + id + "\r\nCSeq: 1 INVITE\r\nContact: " + by->contact() +
           "\r\nUser-Agent: " + user_agent + "\r\nContent-Length: 0\r\n\r\n";
  };
  mallory->send_text(text(mallory, "sip:bob@example.org", "sip:eve@example.net", "relay"), n.at());
  CHECK((co_await mallory->hear_status(403)).phrase() == "Relaying Denied");
  mallory->send_text(text(mallory, "sip:bob@" + bob->at(), "sip:eve@example.net", "relay2"), n.at());
  (void)co_await mallory->hear_status(403);
  auto poser = ring.make_phone("poser", 104);
  poser->send_text(text(poser, "sip:bob@example.com", "sip:alice@example.com", "posing"), n.at());
  (void)co_await poser->hear_status(407);
  CHECK(bob->silent());
  eve->send_text(text(eve, "sip:bob@example.com", "sip:eve@example.net", "calling"), n.at());
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 603, false);
  (void)co_await eve->hear_status(480);  // one refusal for all strangers
  // A BYE with a route that this proxy did not lay.
  auto bye =
      sip::message::request("BYE", "sip:bob@" + bob->at(), "<sip:eve@example.net>;tag=e", "<sip:bob@example.com>;tag=b", "calling", 9)
          .value();
  push_via(bye, "UDP", eve->at(), "z9hG4bKbye");
  append_route(bye, "<sip:" + n.at() + ";lr>");
  eve->send(bye, n.at());
  (void)co_await eve->hear_status(403);
  for (auto* p : {mallory.get(), eve.get(), poser.get(), bob.get()}) co_await p->hang_up();
}

core::awaitable<void> another_from(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto posing = [&](std::uint32_t cseq) {
    auto m = sip::message::request("INVITE", "sip:carol@example.com", "<sip:bob@example.com>;tag=x", "<sip:carol@example.com>", "c", cseq)
                 .value();
    push_via(m, "UDP", alice->at(), "z9hG4bKposing" + std::to_string(cseq));
    REQUIRE(m.add_header("User-Agent", user_agent).has_value());
    return m;
  };
  alice->send(posing(1), ring.node(1).at());
  const auto challenge = co_await alice->hear_status(407);
  auto m = posing(2);
  alice->authorize(m, challenge);
  alice->send(m, ring.node(1).at());
  CHECK((co_await alice->hear_status(403)).phrase() == "From Is Another User");
  co_await alice->hang_up();
}

core::awaitable<void> validation(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto& n = ring.node(1);
  auto options = alice->make("OPTIONS", "sip:" + n.at(), "<sip:" + n.at() + ">", 1, "o");
  set_max_forwards(options, 0);
  alice->send(options, n.at());
  CHECK((co_await alice->hear_status(200)).header("Allow").has_value());
  auto far = alice->make("MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "m1");
  set_max_forwards(far, 0);
  alice->send(far, n.at());
  (void)co_await alice->hear_status(483);
  auto odd = alice->make("MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "m2");
  REQUIRE(odd.add_header("Proxy-Require", "gizmo").has_value());
  alice->send(odd, n.at());
  CHECK((co_await alice->hear_status(420)).header("Unsupported") == "gizmo");
  auto tel = alice->make("MESSAGE", "tel:+123", "<tel:+123>", 1, "m3");
  alice->send(tel, n.at());
  (void)co_await alice->hear_status(416);
  co_await alice->hang_up();
}

core::awaitable<void> messages(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2));
  auto m = alice->make("MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "m");
  set_body(m, "text/plain", core::as_bytes("hello"));
  alice->send(m, ring.node(1).at());
  const auto seen = co_await bob->hear_method("MESSAGE");
  CHECK(core::as_text(seen.body()) == "hello");
  CHECK(seen.record_routes().empty());
  bob->reply(seen, 200, false);
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> drains(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  core::task_scope scope(ring.env());
  scope.spawn(ring.node(1).service->drain(ring.env().now() + 5s));
  co_await core::sleep_for(ring.env(), 50ms);
  CHECK(scope.running() == 1);
  auto late = alice->make("INVITE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "late");
  alice->send(late, ring.node(1).at());
  CHECK((co_await alice->hear_status(503)).header("Retry-After").has_value());
  bob->reply(seen, 200);
  (void)co_await alice->hear_status(200);
  co_await scope.join();
  CHECK(ring.node(1).service->status().calls == 1);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// One message of a stream on which the next comes only when this one is answered.
core::awaitable<sip::message> read_message(core::environment& env, transport::stream& s) {
  std::string text;
  std::vector<std::uint8_t> some(4096);
  while (text.find("\r\n\r\n") == std::string::npos) {
    const auto n = co_await s.read(some, env.now() + 5s);
    REQUIRE(n.has_value());
    text.append(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(*n));
  }
  co_return sip::message::parse(core::as_bytes(text), sip::framing::datagram).value();
}

core::awaitable<void> write_message(core::environment& env, transport::stream& s, sip::message m, std::string local) {
  if (m.is_request()) {
    const auto branch = std::string(top_via(m)->branch);
    pop_via(m);
    push_via(m, "TCP", local, branch);
  }
  const auto text = m.print();
  REQUIRE((co_await s.write(core::as_bytes(text), env.now() + 5s)).has_value());
}

core::awaitable<std::unique_ptr<transport::stream>> registered_by_tcp(sip_ring& ring, phone& bob, sip_node& at) {
  const auto server = transport::endpoint::parse(at.at()).value();
  auto opened = co_await transport::open_tcp_stream(ring.env(), asio::ip::make_address(bob.address()), server, ring.env().now() + 5s);
  REQUIRE(opened.has_value());
  auto& s = **opened;
  const auto local = s.local().text();
  const auto contact = "<sip:bob@" + local + ";transport=tcp>";
  auto first = bob.make("REGISTER", "sip:example.com", "<sip:bob@example.com>", 1, "tcp");
  co_await write_message(ring.env(), s, first.copy(), local);
  const auto challenge = co_await read_message(ring.env(), s);
  auto second = bob.make("REGISTER", "sip:example.com", "<sip:bob@example.com>", 2, "tcp");
  second.remove_headers("Contact");
  REQUIRE(second.add_header("Contact", contact).has_value());
  bob.authorize(second, challenge);
  co_await write_message(ring.env(), s, second.copy(), local);
  CHECK((co_await read_message(ring.env(), s)).status() == 200);
  co_return std::move(*opened);
}

core::awaitable<void> over_tcp(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto stream = co_await registered_by_tcp(ring, *bob, ring.node(2));
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await read_message(ring.env(), *stream);
  CHECK(seen.method() == sip::method::invite);
  CHECK(seen.record_routes().size() == 2);  // one of each node, facing its phone
  auto answer = seen.reply(200, {}, "bobs");
  for (const auto& rr : seen.headers("Record-Route")) REQUIRE(answer.add_header("Record-Route", rr).has_value());
  REQUIRE(answer.add_header("Contact", "<sip:bob@" + stream->local().text() + ";transport=tcp>").has_value());
  co_await write_message(ring.env(), *stream, answer.copy(), {});
  const auto ok = co_await alice->hear_status(200);
  auto ack = within(*alice, "ACK", ok, 2);
  alice->send(ack, first_hop(ack));
  CHECK((co_await read_message(ring.env(), *stream)).method() == sip::method::ack);
  auto bye = within(*alice, "BYE", ok, 3);
  alice->send(bye, first_hop(bye));
  const auto heard = co_await read_message(ring.env(), *stream);
  CHECK(heard.method() == sip::method::bye);
  co_await write_message(ring.env(), *stream, heard.reply(200), {});
  (void)co_await alice->hear_status(200);

  // The flow is gone: said at once, not after a time-out.
  stream->close();
  stream.reset();
  co_await core::sleep_for(ring.env(), 100ms);
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "later");
  (void)co_await alice->hear_status(480, 2s);
  CHECK(calls(ring.node(2), 430) == "1");
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> registrar_restarted(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2), 3600, "<sip:bob@" + ring.place(200) + ":5070>");
  co_await ring.restart(2);
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE", 1s);
  bob->reply(seen, 200);
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// So many questions at once over one connection; how long until all are answered.
core::awaitable<core::duration> asks_over_tcp(sip_ring& ring, phone& eve, int questions) {
  auto connection = co_await stream_phone::connect(ring.env(), eve.address(), ring.node(1).at());
  const auto began = ring.env().now();
  for (int i = 0; i < questions; ++i) {
    const auto m = eve.make("OPTIONS", "sip:example.com", "<sip:example.com>", 1, "o" + std::to_string(i));
    co_await connection->say(m);
  }
  for (int i = 0; i < questions; ++i) (void)co_await connection->hear_status(200);
  co_return ring.env().now() - began;
}

// Five at once, and five a second: the last of eight is read when two have been waited for.
core::awaitable<void> floods_over_tcp(sip_ring& ring) {
  auto eve = ring.make_phone("eve", 101);
  const auto took = co_await asks_over_tcp(ring, *eve, 8);
  CHECK(took >= 390ms);
  CHECK(ring.node(1).metrics.drops().at("sip_source_rate") == 0);
  co_await eve->hang_up();
}

// Five at once, and one in two seconds: datagrams have taken all five, so the connection waits after its first.
core::awaitable<void> datagrams_then_tcp(sip_ring& ring) {
  auto eve = ring.make_phone("eve", 101);
  const auto began = ring.env().now();
  for (int i = 0; i < 5; ++i)
    eve->send(eve->make("OPTIONS", "sip:example.com", "<sip:example.com>", 1, "u" + std::to_string(i)), ring.node(1).at());
  for (int i = 0; i < 5; ++i) (void)co_await eve->hear_status(200);
  (void)co_await asks_over_tcp(ring, *eve, 2);
  CHECK(ring.env().now() - began >= 1900ms);
  co_await eve->hang_up();
}

core::awaitable<void> peer_over_tcp(sip_ring& ring) {
  auto gateway = ring.make_phone("eve", 101);
  (void)co_await asks_over_tcp(ring, *gateway, 8);
  CHECK(ring.node(1).metrics.text().find("phyllo_sip_paced_total 0") != std::string::npos);
  co_await gateway->hang_up();
}

core::awaitable<void> floods(sip_ring& ring) {
  auto eve = ring.make_phone("eve", 101);
  for (int i = 0; i < 50; ++i) {
    eve->send(eve->make("OPTIONS", "sip:example.com", "<sip:example.com>", 1, "o" + std::to_string(i)), ring.node(1).at());
  }
  (void)co_await eve->hear_status(200);
  auto other = ring.make_phone("bob", 102);
  other->send(other->make("OPTIONS", "sip:example.com", "<sip:example.com>", 1, "o"), ring.node(1).at());
  (void)co_await other->hear_status(200);
  CHECK(ring.node(1).metrics.drops().at("sip_source_rate") == 45);
  co_await eve->hang_up();
  co_await other->hang_up();
}

}  // namespace

TEST_CASE("a call is challenged, set up through the overlay, acknowledged and ended along its Record-Route") {
  sip_ring ring(20, 2);
  ring.run(whole_call(ring));
}

TEST_CASE("a call succeeds at once when the callee's registrar is dead and the phone itself is reachable") {
  sip_ring ring(21, 2);
  ring.run(registrar_dies(ring));
}

TEST_CASE("a phone behind NAT is called over its flow, and both ends' later requests find their way") {
  sip_ring ring(22, 2);
  ring.run(behind_nat(ring));
}

TEST_CASE("a phone on a TCP connection is called over it, and a lost connection is said at once") {
  sip_ring ring(33, 2);
  ring.run(over_tcp(ring));
}

TEST_CASE("a phone behind NAT is reached at once when its registrar has started anew") {
  sip_ring ring(34, 2);
  ring.run(registrar_restarted(ring));
}

TEST_CASE("all phones of the callee ring, the first to answer has the call, the others are cancelled") {
  sip_ring ring(23, 2);
  ring.run(forks(ring));
}

TEST_CASE("a contact of lower q rings when those above it are through") {
  sip_ring ring(24, 1);
  ring.run(by_preference(ring));
}

TEST_CASE("a CANCEL is answered and passed on, and ends a call that is still being looked up") {
  sip_ring ring(25, 2);
  ring.run(cancels(ring));
}

TEST_CASE("unknown callees, callees without phone, foreign domains and a broken overlay have answers of their own") {
  sip_ring ring(26, 1);
  ring.run(refusals(ring));
}

TEST_CASE("strangers may call our users, but neither relay nor pose as one") {
  sip::service_options o;
  o.stranger.refusal_delay = 0ms;
  sip_ring ring(27, 1, o);
  ring.run(strangers(ring));
}

TEST_CASE("a user's credentials are not good for another user's From") {
  sip_ring ring(28, 1);
  ring.run(another_from(ring));
}

TEST_CASE("requests that a proxy must refuse are refused by their codes, and OPTIONS for it is answered") {
  sip_ring ring(29, 1);
  ring.run(validation(ring));
}

TEST_CASE("with authenticate_calls off, MESSAGE and other methods are proxied without a challenge") {
  sip::service_options o;
  o.authenticate_calls = false;
  sip_ring ring(30, 2, o);
  ring.run(messages(ring));
}

TEST_CASE("a draining proxy takes no new calls and waits for those being set up") {
  sip_ring ring(31, 1);
  ring.run(drains(ring));
}

TEST_CASE("a source beyond its rate is dropped before parsing and counted, and others are served") {
  sip::service_options o;
  o.rates.source_messages_per_second = 0.001;
  o.rates.source_messages_burst = 5;
  sip_ring ring(32, 1, o);
  ring.run(floods(ring));
}

TEST_CASE("a connection whose source is beyond its rate waits, and all that it brings is served") {
  sip::service_options o;
  o.rates.source_messages_per_second = 5;
  o.rates.source_messages_burst = 5;
  sip_ring ring(147, 1, o);
  ring.run(floods_over_tcp(ring));
}

TEST_CASE("what a source sends by UDP counts with what it sends over connections") {
  sip::service_options o;
  o.rates.source_messages_per_second = 0.5;
  o.rates.source_messages_burst = 5;
  sip_ring ring(156, 1, o);
  ring.run(datagrams_then_tcp(ring));
}

TEST_CASE("a configured peer's connection never waits") {
  sip::service_options o;
  o.rates.source_messages_per_second = 5;
  o.rates.source_messages_burst = 5;
  o.peers = {"127.50.148.101"};
  sip_ring ring(148, 1, o);
  ring.run(peer_over_tcp(ring));
}

}  // namespace proxy_test

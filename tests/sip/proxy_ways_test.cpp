// Which of its flows and ways a phone is called by, and whom a call goes on to, over real sockets.
#include <doctest.h>

#include "sip/message_fields.hpp"
#include "sip/overload_report.hpp"
#include "support/calls.hpp"

namespace proxy_ways_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

const std::string instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-0000000000aa>\"";

core::awaitable<void> two_flows(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto first = ring.make_phone("bob", 102);
  auto second = ring.make_phone("bob", 103);
  (void)co_await register_phone(*first, ring.node(1), 3600, first->contact() + instance + ";reg-id=1");
  co_await core::sleep_for(ring.env(), 5ms);
  (void)co_await register_phone(*second, ring.node(2), 3600, second->contact() + instance + ";reg-id=2");
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "silent");
  const auto seen = co_await second->hear_method("INVITE");  // the flow that was registered last
  second->reply(seen, 180);
  co_await core::sleep_for(ring.env(), 2500ms);
  CHECK(first->silent());
  second->reply(seen, 486, false);
  (void)co_await alice->hear_status(486);
  CHECK(first->silent());

  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "failed");
  const auto again = co_await second->hear_method("INVITE");
  second->reply(again, 430, false);
  const auto next = co_await first->hear_method("INVITE");
  first->reply(next, 200);
  (void)co_await alice->hear_status(200);

  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "refused");
  const auto third = co_await second->hear_method("INVITE");
  second->reply(third, 503, false);
  (void)co_await alice->hear_status(500);
  CHECK(first->silent());
  co_await alice->hang_up();
  co_await first->hang_up();
  co_await second->hang_up();
}

core::awaitable<void> own_503(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2));  // a direct way, and one by its node
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 503, false);
  (void)co_await alice->hear_status(500);
  (void)co_await bob->hear_method("ACK");
  co_await core::sleep_for(ring.env(), 100ms);
  CHECK(bob->silent());
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// The contact is flagged as heard straight, and something lets only its own node's datagrams through.
core::awaitable<void> firewalled(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto wall = ring.make_phone("wall", 103);
  (void)co_await register_phone(*bob, ring.node(2));
  // What its record says is where nobody answers; its flow is the phone's own.
  for (auto& [binding, v] : ring.ring.records.at("user location:bob@example.com")) {
    v.content.locations.front().contact = "sip:bob@" + wall->at();
  }
  const auto call = [&](std::string call_id) -> core::awaitable<core::duration> {
    const auto began = ring.env().now();
    (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), call_id);
    const auto seen = co_await bob->hear_method("INVITE");
    const auto took = ring.env().now() - began;
    bob->reply(seen, 486, false);
    (void)co_await alice->hear_status(486);
    (void)co_await bob->hear_method("ACK");
    co_return took;
  };
  const auto first = co_await call("first");
  CHECK(first >= 1700ms);
  const auto second = co_await call("second");
  CHECK(second < 1500ms);
  co_await alice->hang_up();
  co_await bob->hang_up();
  co_await wall->hang_up();
}

core::awaitable<core::duration> answered_after(sip_ring& ring, phone& alice, std::string callee, std::string call_id, int status) {
  const auto began = ring.env().now();
  (void)co_await invites(alice, callee, ring.node(1).at(), call_id);
  (void)co_await alice.hear_status(status, 20s);
  co_return ring.env().now() - began;
}

// A node that takes connections and never says a word, as one that is stopped does.
core::awaitable<void> node_falls_silent(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2), 3600, "<sip:bob@" + ring.place(200) + ":5070>");  // by its node only
  ring.node(2).deaf = true;
  const auto first = co_await answered_after(ring, *alice, "bob@example.com", "first", 480);
  CHECK(first < 4s);
  const auto second = co_await answered_after(ring, *alice, "bob@example.com", "second", 480);
  CHECK(second < 400ms);
  ring.node(2).deaf = false;
  co_await alice->hang_up();
  co_await bob->hang_up();
}

// What a supernode hears next on this stream.
core::awaitable<sip::message> hear_on(sip_ring& ring, transport::stream& s) {
  std::string text;
  std::array<std::uint8_t, 8192> part{};
  while (text.find("\r\n\r\n") == std::string::npos) {
    const auto n = co_await s.read(part, ring.env().now() + 5s);
    REQUIRE(n.has_value());
    text.append(core::as_text({part.data(), *n}));
  }
  auto m = sip::message::parse(core::as_bytes(text), sip::framing::datagram);
  REQUIRE(m.has_value());
  co_return std::move(*m);
}

// The callee's node says in a refusal that it wants no more.
core::awaitable<void> node_overloaded(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto carol = ring.make_phone("carol", 103);
  auto dave = ring.make_phone("user1", 104);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(2), 3600, "<sip:bob@" + ring.place(200) + ":5070>");  // by its node only
  ring.node(2).deaf = true;
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "first");
  std::unique_ptr<transport::stream> link;
  for (const auto until = ring.env().now() + 5s; !link && ring.env().now() < until; link = ring.node(2).take_unheard())
    co_await core::sleep_for(ring.env(), 5ms);
  REQUIRE(link);
  const auto asked = co_await hear_on(ring, *link);
  CHECK(top_via_text(asked).ends_with(sip::overload_offer));
  auto refusal = asked.reply(503, "Overloaded", "busy").print();
  REQUIRE(sip::write_report(refusal, {100, 1500ms, 1}));
  CHECK((co_await link->write(core::as_bytes(refusal), ring.env().now() + 5s)).has_value());
  (void)co_await alice->hear_status(500);

  const auto began = ring.env().now();
  (void)co_await invites(*carol, "bob@example.com", ring.node(1).at(), "second");
  const auto held_back = co_await carol->hear_status(503);
  CHECK(ring.env().now() - began < 400ms);
  CHECK_FALSE(held_back.header("Retry-After").has_value());
  CHECK(ring.node(1).metrics.drops().at("sip_overload_neighbour") == 1);

  co_await core::sleep_for(ring.env(), 1500ms);  // no longer
  (void)co_await invites(*dave, "bob@example.com", ring.node(1).at(), "third");
  auto next = co_await hear_on(ring, *link);
  while (next.method_name() != "INVITE") next = co_await hear_on(ring, *link);
  CHECK(next.call_id() == "third");
  ring.node(2).deaf = false;
  co_await alice->hang_up();
  co_await bob->hang_up();
  co_await carol->hang_up();
  co_await dave->hang_up();
}

core::awaitable<void> overlay_knows(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto desk = ring.make_phone("bob", 103);
  (void)co_await register_phone(*bob, ring.node(2), 3600, "<sip:bob@" + ring.place(200) + ":5070>");
  (void)co_await register_phone(*desk, ring.node(1));
  ring.node(2).deaf = true;
  ring.failed.insert(sip_authority::id_of(2));
  const auto began = ring.env().now();
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "busy");
  const auto seen = co_await desk->hear_method("INVITE");
  desk->reply(seen, 486, false);
  (void)co_await alice->hear_status(486);
  CHECK(ring.env().now() - began < 400ms);
  co_await alice->hang_up();
  co_await bob->hang_up();
  co_await desk->hang_up();
}

// The callee's node dies during a call, and the phone registers at another one.
core::awaitable<void> dialog_goes_on(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  const auto behind = "<sip:bob@" + ring.place(200) + ":5070>";
  (void)co_await register_phone(*bob, ring.node(2), 3600, behind);
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await bob->hear_method("INVITE");
  auto answer = seen.reply(200, {}, "bobs");
  for (const auto& rr : seen.headers("Record-Route")) REQUIRE(answer.add_header("Record-Route", rr).has_value());
  REQUIRE(answer.add_header("Contact", behind).has_value());
  bob->send(answer, ring.node(2).at());
  const auto ok = co_await alice->hear_status(200);
  auto ack = within(*alice, "ACK", ok, 2);
  alice->send(ack, first_hop(ack));
  (void)co_await bob->hear_method("ACK");
  co_await ring.node(2).stop();
  auto moved = ring.make_phone("bob", 104);
  (void)co_await register_phone(*moved, ring.node(3), 3600, behind);
  auto bye = within(*alice, "BYE", ok, 3);
  alice->send(bye, first_hop(bye));
  const auto heard = co_await moved->hear_method("BYE", 3s);
  CHECK(heard.routes().empty());
  auto done = heard.reply(200, {}, {});
  moved->send(done, ring.node(3).at());
  (void)co_await alice->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
  co_await moved->hang_up();
}

// The caller's node dies, his phone registers at another one, and the callee says something. `straight`: that node had called the callee's
// phone past his own node.
core::awaitable<void> callee_goes_on(sip_ring& ring, bool straight) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  const auto behind = "<sip:alice@" + ring.place(200) + ":5070>";
  (void)co_await register_phone(*alice, ring.node(1), 3600, behind);
  std::string listens = bob->contact();
  if (!straight) listens = "<sip:bob@" + ring.place(201) + ":5070>";
  (void)co_await register_phone(*bob, ring.node(2), 3600, listens);
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call", behind);
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 200);
  (void)co_await alice->hear_status(200);
  co_await ring.node(1).stop();
  ring.failed.insert(sip_authority::id_of(1));
  auto moved = ring.make_phone("alice", 104);
  (void)co_await register_phone(*moved, ring.node(3), 3600, behind);
  const auto again = within_as_callee(*bob, "INVITE", seen, "bob");
  bob->send(again, ring.node(2).at());
  const auto asked = co_await moved->hear_method("INVITE", 3s);
  moved->reply(asked, 200, false);
  (void)co_await bob->hear_status(200);
  auto ack = within_as_callee(*bob, "ACK", seen, "bob");
  bob->send(ack, ring.node(2).at());
  CHECK((co_await moved->hear_method("ACK")).routes().empty());
  auto bye = within_as_callee(*bob, "BYE", seen, "bob");
  bob->send(bye, ring.node(2).at());
  const auto heard = co_await moved->hear_method("BYE", 3s);
  moved->reply(heard, 200, false);
  (void)co_await bob->hear_status(200);
  co_await alice->hang_up();
  co_await bob->hang_up();
  co_await moved->hang_up();
}

core::awaitable<void> forwards(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto carol = ring.make_phone("carol", 103);
  (void)co_await register_phone(*bob, ring.node(1), 3600, "<sip:carol@example.com>");
  (void)co_await register_phone(*carol, ring.node(2));
  (void)co_await invites(*alice, "bob@example.com", ring.node(1).at(), "call");
  const auto seen = co_await carol->hear_method("INVITE");
  CHECK(seen.request_uri().text() == "sip:carol@" + carol->at());
  carol->reply(seen, 200);
  const auto ok = co_await alice->hear_status(200);
  auto bye = within(*alice, "BYE", ok, 3);
  alice->send(bye, first_hop(bye));
  const auto heard = co_await carol->hear_method("BYE");
  carol->reply(heard, 200, false);
  (void)co_await alice->hear_status(200);
  CHECK(bob->silent());

  // A circle leads nowhere, and quickly.
  (void)co_await register_phone(*carol, ring.node(2), 0);
  (void)co_await register_phone(*carol, ring.node(2), 3600, "<sip:bob@example.com>");
  const auto took = co_await answered_after(ring, *alice, "bob@example.com", "circle", 480);
  CHECK(took < 1s);
  co_await alice->hang_up();
  co_await bob->hang_up();
  co_await carol->hang_up();
}

core::awaitable<void> refused_forwarding(sip_ring& ring) {
  auto bob = ring.make_phone("bob", 102);
  unsigned calls = 0;
  for (const auto& contact : {"<sip:bob@example.com>", "<sip:example.com>", "<sip:carol@127.50.55.1>", "<sip:carol@127.50.55.1:5061>"}) {
    const auto call_id = "refused-" + std::to_string(++calls);
    auto first = bob->make("REGISTER", "sip:example.com", "<sip:bob@example.com>", 1, call_id);
    first.remove_headers("Contact");
    REQUIRE(first.add_header("Contact", contact).has_value());
    bob->send(first, ring.node(1).at());
    CHECK((co_await bob->hear_status(403)).phrase() == "Contact Is No Phone");
  }
  co_await bob->hang_up();
}

}  // namespace

TEST_CASE("one flow of an instance rings at a time, the next after 430, and none after the phone's own answer") {
  sip_ring ring(50, 2);
  ring.run(two_flows(ring));
}

TEST_CASE("a phone's own 503 leads to no second INVITE") {
  sip_ring ring(51, 2);
  ring.run(own_503(ring));
}

TEST_CASE("a phone that hears only its own node is called by it at once from the second call on") {
  sip_ring ring(52, 2);
  ring.run(firewalled(ring));
}

TEST_CASE("a node that falls silent costs one call two seconds, and the next ones nothing") {
  sip_ring ring(53, 2);
  ring.run(node_falls_silent(ring));
}

TEST_CASE("a node that says it is overloaded is sent no calls for as long as it says") {
  sip_ring ring(60, 2);
  ring.run(node_overloaded(ring));
}

TEST_CASE("ways through a node that the overlay has found dead are not tried") {
  sip_ring ring(54, 2);
  ring.run(overlay_knows(ring));
}

TEST_CASE("a dialog goes on with a phone whose node has died when it has registered at another one") {
  sip_ring ring(56, 3);
  ring.run(dialog_goes_on(ring));
}

TEST_CASE("a callee's request reaches a caller whose node has died when he has registered at another one") {
  for (const bool straight : {true, false}) {
    CAPTURE(straight);
    sip_ring ring(straight ? 58 : 59, 3);
    ring.run(callee_goes_on(ring, straight));
  }
}

TEST_CASE("a contact that is another user of the domain forwards calls to him, and a circle of them ends") {
  sip_ring ring(57, 2);
  ring.run(forwards(ring));
}

TEST_CASE("a contact that is the user himself, the domain or a node is refused") {
  sip_ring ring(55, 1);
  ring.run(refused_forwarding(ring));
}

}  // namespace proxy_ways_test

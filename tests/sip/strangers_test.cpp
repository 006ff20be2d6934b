// What callers who have not shown who they are get to know and to say, and what those who have: dialogues over real sockets.
#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/calls.hpp"

namespace strangers_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto delay = 400ms;

sip::service_options with_delay() {
  sip::service_options o;
  o.stranger.refusal_delay = delay;
  o.trusted_headers = {"P-*", "Alert-Info", "Call-Info"};
  return o;
}

// An address that has answered a challenge hears all answers by UDP; others as many as they pay for.
core::awaitable<void> prove(sip_ring& ring, unsigned at) {
  auto p = ring.make_phone("user9", at);
  (void)co_await register_phone(*p, ring.node(1));
  co_await p->hang_up();
}

// A request of a caller of another domain.
sip::message foreign(phone& p, std::string_view method, const std::string& uri, const std::string& call_id,
                     const std::string& from = "<sip:eve@example.net>;tag=e") {
  auto m = sip::message::request(method, uri, from, "<" + uri + ">", call_id, 1).value();
  push_via(m, "UDP", p.at(), "z9hG4bK" + call_id);
  REQUIRE(m.add_header("Contact", p.contact()).has_value());
  REQUIRE(m.add_header("User-Agent", "Telephone of the tests/1.0 (" + std::string(1500, 'x') + ")").has_value());
  return m;
}

// The final answer but for what must differ, and how long it took.
struct heard_answer {
  std::string text;
  core::duration took{};
};

core::awaitable<heard_answer> final_answer(sip_ring& ring, phone& p, core::time_point began) {
  while (true) {  // ends with a final answer, or fails the test when there is none
    const auto m = co_await p.hear();
    if (m.is_request() || m.status() < 200) continue;
    heard_answer out;
    out.took = ring.env().now() - began;
    auto plain = m.copy();
    for (const auto* name : {"Via", "Call-ID", "To"}) plain.remove_headers(name);
    out.text = plain.print();
    co_return out;
  }
}

core::awaitable<heard_answer> asks(sip_ring& ring, std::string_view method, std::string user) {
  static unsigned number = 0;
  auto eve = ring.make_phone("eve", 101);
  const auto began = ring.env().now();
  eve->send(foreign(*eve, method, "sip:" + user + "@example.com", "ask" + std::to_string(++number)), ring.node(1).at());
  auto answer = co_await final_answer(ring, *eve, began);
  co_await eve->hang_up();
  co_return answer;
}

core::awaitable<void> refuses(phone& bob, int status) {
  const auto seen = co_await bob.hear_method("INVITE");
  bob.reply(seen, status);
}

core::awaitable<void> one_answer(sip_ring& ring) {
  co_await prove(ring, 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  const auto unknown = co_await asks(ring, "INVITE", "nobody");
  CHECK(unknown.text.starts_with("SIP/2.0 480 "));
  CHECK(unknown.took >= delay);
  CHECK(unknown.took < delay + 300ms);
  const auto offline = co_await asks(ring, "INVITE", "carol");
  CHECK(offline.text == unknown.text);
  CHECK(offline.took >= delay);
  core::task_scope scope(ring.env());
  for (const int status : {486, 603, 404, 302, 488, 401, 503}) {
    scope.spawn(refuses(*bob, status));
    const auto refused = co_await asks(ring, "INVITE", "bob");
    CHECK_MESSAGE(refused.text == unknown.text, status << ": " << refused.text);
    CHECK_MESSAGE(refused.took >= delay, status);
    CHECK_MESSAGE(refused.took < delay + 300ms, status);
  }
  co_await scope.join();
  co_await bob->hang_up();
}

core::awaitable<void> other_methods(sip_ring& ring) {
  co_await prove(ring, 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  for (const auto* method : {"OPTIONS", "MESSAGE", "SUBSCRIBE", "REFER", "INFO", "PUBLISH", "GUESS"}) {
    const auto online = co_await asks(ring, method, "bob");
    const auto unknown = co_await asks(ring, method, "nobody");
    CHECK(online.text == unknown.text);
    CHECK(online.text.starts_with("SIP/2.0 480 "));
  }
  CHECK(bob->silent());
  co_await bob->hang_up();
}

core::awaitable<void> rings(sip_ring& ring) {
  co_await prove(ring, 101);
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  eve->send(foreign(*eve, "INVITE", "sip:bob@example.com", "rings"), ring.node(1).at());
  const auto seen = co_await bob->hear_method("INVITE");
  bob->reply(seen, 180);
  (void)co_await eve->hear_status(180);
  co_await core::sleep_for(ring.env(), delay);
  bob->reply(seen, 603);
  const auto began = ring.env().now();
  (void)co_await eve->hear_status(480);
  CHECK(ring.env().now() - began < 200ms);

  eve->send(foreign(*eve, "INVITE", "sip:bob@example.com", "answered"), ring.node(1).at());
  const auto call = co_await bob->hear_method("INVITE");
  bob->reply(call, 200);
  (void)co_await eve->hear_status(200);
  co_await eve->hang_up();
  co_await bob->hang_up();
}

// By REGISTER and by INVITE, of an unknown user and of a known one whose password is wrong.
core::awaitable<core::duration> guesses(sip_ring& ring, std::string user, bool registers) {
  auto p = ring.make_phone(user, 103, "wrong");
  const auto to = registers ? "<sip:" + user + "@example.com>" : std::string("<sip:bob@example.com>");
  const auto uri = registers ? "sip:example.com" : "sip:bob@example.com";
  const auto method = registers ? "REGISTER" : "MESSAGE";
  p->send(p->make(method, uri, to, 1, user), ring.node(1).at());
  const int status = registers ? 401 : 407;
  const auto challenge = co_await p->hear_status(status);
  auto second = p->make(method, uri, to, 2, user);
  p->authorize(second, challenge);
  const auto began = ring.env().now();
  p->send(second, ring.node(1).at());
  (void)co_await p->hear_status(status);
  const auto took = ring.env().now() - began;
  co_await p->hang_up();
  co_return took;
}

core::awaitable<void> guessing(sip_ring& ring) {
  for (const bool registers : {true, false}) {
    for (const auto* user : {"alice", "nobody"}) {
      const auto took = co_await guesses(ring, user, registers);
      CHECK(took >= delay);
      CHECK(took < delay + 300ms);
    }
  }
}

core::awaitable<void> foreign_words(sip_ring& ring) {
  co_await prove(ring, 101);
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  auto m = foreign(*eve, "INVITE", "sip:bob@example.com", "words");
  for (const auto* name : {"P-Asserted-Identity", "Remote-Party-ID", "P-Preferred-Identity"})
    REQUIRE(m.add_header(name, "<sip:boss@example.net>").has_value());
  for (const auto* name : {"Alert-Info", "Call-Info"}) REQUIRE(m.add_header(name, "<http://example.net/siren.wav>").has_value());
  REQUIRE(m.add_header("y", "abc").has_value());
  REQUIRE(m.add_header("Subject", "hello").has_value());
  REQUIRE(m.add_header("Privacy", "id").has_value());
  eve->send(m, ring.node(1).at());
  const auto seen = co_await bob->hear_method("INVITE");
  for (const auto* name :
       {"P-Asserted-Identity", "Remote-Party-ID", "P-Preferred-Identity", "Alert-Info", "Call-Info", "Identity", "Privacy"})
    CHECK_MESSAGE(!seen.header(name).has_value(), std::string(name));
  CHECK(seen.header("Subject") == "hello");
  // Nor does the callee's phone say to the caller who it is.
  auto ringing = seen.reply(180, {}, "bobs");
  REQUIRE(ringing.add_header("P-Asserted-Identity", "<sip:boss@example.com>").has_value());
  bob->send(ringing, ring.node(1).at());
  CHECK_FALSE((co_await eve->hear_status(180)).header("P-Asserted-Identity").has_value());
  co_await eve->hang_up();
  co_await bob->hang_up();
}

// Challenged, then answered with credentials; what bob's phone sees.
core::awaitable<sip::message> called_by_alice(sip_ring& ring, phone& alice, phone& bob, std::string from, std::string privacy) {
  static unsigned number = 0;
  const auto call = "alice" + std::to_string(++number);
  const auto make = [&](const std::string& id) {
    auto m = foreign(alice, "INVITE", "sip:bob@example.com", id, from);
    REQUIRE(m.add_header("P-Preferred-Identity", "<sip:alice@example.com>").has_value());
    REQUIRE(m.add_header("P-Asserted-Identity", "<sip:carol@example.com>").has_value());
    REQUIRE(m.add_header("Alert-Info", "<http://example.com/soft.wav>").has_value());
    if (!privacy.empty()) REQUIRE(m.add_header("Privacy", privacy).has_value());
    return m;
  };
  alice.send(make(call), ring.node(1).at());
  const auto challenge = co_await alice.hear_status(407);
  auto second = make(call + "b");
  alice.authorize(second, challenge);
  alice.send(second, ring.node(1).at());
  auto seen = co_await bob.hear_method("INVITE");
  bob.reply(seen, 486);
  (void)co_await alice.hear_status(486);
  co_return seen;
}

core::awaitable<void> own_words(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  const auto plain = co_await called_by_alice(ring, *alice, *bob, "<sip:alice@example.com>;tag=a", "");
  CHECK(plain.headers("P-Asserted-Identity") == std::vector<std::string>{"<sip:alice@example.com>"});
  CHECK_FALSE(plain.header("P-Preferred-Identity").has_value());
  CHECK(plain.header("Alert-Info").has_value());
  const auto anonymous = co_await called_by_alice(ring, *alice, *bob, "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a", "id");
  CHECK_FALSE(anonymous.header("P-Asserted-Identity").has_value());
  CHECK(anonymous.print().find("alice@example.com") == std::string::npos);
  const auto open = co_await called_by_alice(ring, *alice, *bob, "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a", "none");
  CHECK(open.header("P-Asserted-Identity") == "<sip:alice@example.com>");
  CHECK(open.header("Privacy") == "none");
  co_await alice->hang_up();
  co_await bob->hang_up();
}

core::awaitable<void> insecure(sip_ring& ring) {
  co_await prove(ring, 101);
  auto eve = ring.make_phone("eve", 101);
  auto bob = ring.make_phone("bob", 102);
  (void)co_await register_phone(*bob, ring.node(1));
  eve->send(foreign(*eve, "INVITE", "sips:bob@example.com", "sips"), ring.node(1).at());
  const auto refused = co_await eve->hear_status(480);
  CHECK(refused.phrase() == "SIPS Not Allowed");
  CHECK(refused.header("Warning").value_or("").starts_with("380 "));
  auto critical = foreign(*eve, "INVITE", "sip:bob@example.com", "critical");
  REQUIRE(critical.add_header("Privacy", "session;critical").has_value());
  eve->send(critical, ring.node(1).at());
  CHECK((co_await eve->hear_status(500)).phrase() == "Privacy Failure - Not Supported: session");
  CHECK(bob->silent());
  std::uint32_t cseq = 1;
  for (const auto* contact : {"<sip:bob@example.com>", "<sip:bob@EXAMPLE.com.>", "<sip:bob@127.50.49.1>",
                              "<sip:bob@[::ffff:127.50.49.1]:5061>", "<sips:bob@127.50.49.102:5070>"}) {
    auto m = bob->make("REGISTER", "sip:example.com", "<sip:bob@example.com>", ++cseq, "contacts");
    m.remove_headers("Contact");
    REQUIRE(m.add_header("Contact", contact).has_value());
    bob->send(m, ring.node(1).at());
    const auto answer = co_await bob->hear();
    CHECK_MESSAGE(answer.status() == 403, std::string(contact));
  }
  co_await eve->hang_up();
  co_await bob->hang_up();
}

// Questions of strangers, of whom some find no room: four fifths of the table are taken then.
core::awaitable<void> fill_table(sip_ring& ring, phone& noise, sip_node& n) {
  for (int i = 0; i < 100; ++i)
    noise.send(noise.make("OPTIONS", "sip:example.com", "<sip:example.com>", 1, "noise" + std::to_string(i)), n.at());
  for (int i = 0; i < 200 && n.metrics.drops()["sip_overloaded"] == 0; ++i) co_await core::sleep_for(ring.env(), 20ms);
  CHECK(n.metrics.drops()["sip_overloaded"] > 0);
}

sip::message of_stranger(sip::message m) {
  m.remove_headers("From");
  REQUIRE(m.add_header("From", "<sip:eve@example.net>;tag=eve").has_value());
  return m;
}

core::awaitable<void> ends_have_room(sip_ring& ring, bool by_ack) {
  auto bob = ring.make_phone("bob", 102);
  auto eve = ring.make_phone("eve", 103);
  auto noise = ring.make_phone("noise", 104);
  auto& n = ring.node(1);
  (void)co_await register_phone(*bob, n);
  eve->send(of_stranger(eve->make("INVITE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "call")), n.at());
  bob->reply(co_await bob->hear_method("INVITE"), 200);
  const auto ok = co_await eve->hear_status(200);
  const std::string first = by_ack ? "ACK" : "INFO";
  eve->send(of_stranger(within(*eve, first, ok, by_ack ? 1 : 2)), n.at());
  const auto heard = co_await bob->hear_method(first);
  if (!by_ack) bob->reply(heard, 200, false);
  if (!by_ack) (void)co_await eve->hear_status(200);
  co_await fill_table(ring, *noise, n);
  eve->send(of_stranger(within(*eve, "BYE", ok, 3)), n.at());
  bob->reply(co_await bob->hear_method("BYE"), 200, false);
  (void)co_await eve->hear_status(200);
  for (auto* p : {bob.get(), eve.get(), noise.get()}) co_await p->hang_up();
}

}  // namespace

TEST_CASE("a stranger who is an end of a dialog has the share of the table that is kept for the proven") {
  for (const bool by_ack : {true, false}) {
    CAPTURE(by_ack);
    sip::service_options o;
    o.transactions.transactions_max = 60;
    sip_ring ring(by_ack ? 154 : 155, 1, o);
    ring.run(ends_have_room(ring, by_ack));
  }
}

TEST_CASE("a stranger hears one answer at one time for users who are unknown, offline or refuse at once") {
  sip_ring ring(42, 1, with_delay());
  ring.run(one_answer(ring));
}

TEST_CASE("a stranger's other requests than calls reach no phone and tell nothing") {
  sip_ring ring(43, 1, with_delay());
  ring.run(other_methods(ring));
}

TEST_CASE("a stranger hears a phone ring and answer, and not how it declines") {
  sip_ring ring(44, 1, with_delay());
  ring.run(rings(ring));
}

TEST_CASE("a wrong password and an unknown user are refused after the same time") {
  sip_ring ring(45, 1, with_delay());
  ring.run(guessing(ring));
}

TEST_CASE("no phone hears from a stranger what only the network may say") {
  sip_ring ring(46, 1, with_delay());
  ring.run(foreign_words(ring));
}

TEST_CASE("a user who has shown who he is is asserted, unless he wants it private") {
  sip_ring ring(47, 1, with_delay());
  ring.run(own_words(ring));
}

TEST_CASE("sips in the clear, critical privacy and contacts that are no phones are refused") {
  sip_ring ring(49, 1, with_delay());
  ring.run(insecure(ring));
}

}  // namespace strangers_test

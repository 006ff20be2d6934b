// Guessers and honest phones before a registrar and proxy, over real sockets.
#include <doctest.h>

#include "support/calls.hpp"
#include "support/sip_ring.hpp"
#include "support/stream_phone.hpp"

namespace digest_guesses_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

sip::message asks(phone& p, std::uint32_t cseq, const std::string& call_id) {
  return p.make("REGISTER", "sip:example.com", "<sip:" + p.user() + "@example.com>", cseq, call_id);
}

core::awaitable<int> tries(phone& p, sip_node& n, const std::string& call_id, std::string_view algorithm = "MD5") {
  p.send(asks(p, 1, call_id), n.at());
  const auto challenge = co_await p.hear_status(401);
  auto m = asks(p, 2, call_id);
  p.authorize(m, challenge, algorithm);
  p.send(m, n.at());
  while (true) {  // ends with an answer to the second, or fails the test
    const auto answer = co_await p.hear();
    if (answer.cseq().number == 2 && !answer.is_request()) co_return answer.status();
  }
}

// Whoever hears what is sent to him is answered as often as he asks.
core::awaitable<void> is_heard_at(sip_ring& ring, unsigned last) {
  auto neighbour = ring.make_phone("user" + std::to_string(900 + last), last);
  (void)co_await register_phone(*neighbour, ring.node(1));
  co_await neighbour->hang_up();
}

// So many guesses; how many of them were judged, that is answered 401 again.
core::awaitable<unsigned> guesses(sip_ring& ring, phone& p, unsigned times, std::string name) {
  unsigned judged = 0;
  for (unsigned i = 0; i < times; ++i) {
    const auto call_id = name + std::to_string(i);
    const auto status = co_await tries(p, ring.node(1), call_id);
    if (status == 401) ++judged;
    if (status != 401) CHECK(status == 503);
  }
  co_return judged;
}

core::awaitable<void> limited(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 102);
  auto thief = ring.make_phone("alice", 103, "guess");
  auto second = ring.make_phone("alice", 104, "guess");
  (void)co_await register_phone(*alice, ring.node(1));
  (void)co_await register_phone(*bob, ring.node(1));
  co_await is_heard_at(ring, 103);
  co_await is_heard_at(ring, 104);
  const auto first_judged = co_await guesses(ring, *thief, 40, "thief");
  CHECK(first_judged <= 21);
  const auto second_judged = co_await guesses(ring, *second, 10, "second");
  CHECK(second_judged <= 4);
  const auto drops = ring.node(1).metrics.drops();
  CHECK(drops.at("sip_credentials") >= 20);
  CHECK(drops.at("sip_guesses_at_user") >= 20);
  // The honest phone goes on: it registers, and calls.
  (void)co_await register_phone(*alice, ring.node(1));
  const auto invite = co_await invites(*alice, "bob@example.com", ring.node(1).at(), "honest");
  const auto heard = co_await bob->hear_method("INVITE");
  bob->reply(heard, 486);
  (void)co_await alice->hear_status(486);
  for (auto* p : {alice.get(), bob.get(), thief.get(), second.get()}) co_await p->hang_up();
}

core::awaitable<void> sprayed(sip_ring& ring) {
  co_await is_heard_at(ring, 103);
  unsigned judged = 0;
  for (unsigned i = 0; i < 40; ++i) {
    auto p = ring.make_phone("user" + std::to_string(i), 103, "guess");
    const auto call_id = "spray" + std::to_string(i);
    const auto status = co_await tries(*p, ring.node(1), call_id);
    if (status == 401) ++judged;
    co_await p->hang_up();
  }
  CHECK(judged <= 31);
  CHECK(ring.node(1).metrics.drops().at("sip_guesses_of_address") >= 9);
}

core::awaitable<void> foreign_nonce(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto other = ring.make_phone("alice", 102);
  other->send(asks(*other, 1, "o"), ring.node(1).at());
  const auto challenge = co_await other->hear_status(401);
  const auto before = ring.secrets_asked;
  auto m = asks(*alice, 1, "a");
  alice->authorize(m, challenge);  // overheard: made for another address
  alice->send(m, ring.node(1).at());
  const auto again = co_await alice->hear_status(401);
  CHECK(again.header("WWW-Authenticate")->find("stale=true") != std::string::npos);
  CHECK(ring.secrets_asked == before);
  CHECK(ring.node(1).metrics.drops().at("sip_foreign_nonce") == 1);
  co_await alice->hang_up();
  co_await other->hang_up();
}

core::awaitable<void> stronger(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  const std::string first = "first";
  const auto status = co_await tries(*alice, ring.node(1), first, "SHA-256");
  CHECK(status == 200);
  alice->send(asks(*alice, 1, "second"), ring.node(1).at());
  const auto offers = (co_await alice->hear_status(401)).headers("WWW-Authenticate");
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].find("algorithm=SHA-256") != std::string::npos);
  // Elsewhere, where somebody has taken the stronger offer out.
  auto away = ring.make_phone("alice", 102);
  away->send(asks(*away, 1, "away"), ring.node(1).at());
  const auto both = co_await away->hear_status(401);
  CHECK(both.headers("WWW-Authenticate").size() == 2);
  auto m = asks(*away, 2, "away");
  away->authorize(m, both, "MD5");
  away->send(m, ring.node(1).at());
  const auto again = (co_await away->hear_status(401)).headers("WWW-Authenticate");
  REQUIRE(again.size() == 1);
  CHECK(again[0].find("algorithm=SHA-256") != std::string::npos);
  CHECK(again[0].find("stale=true") != std::string::npos);
  CHECK(ring.node(1).metrics.drops().at("sip_weak_digest") == 1);
  co_await alice->hang_up();
  co_await away->hang_up();
}

// Whoever stands between has taken the stronger offer out: the phone answers by MD5, rightly. What it is asked for then.
core::awaitable<std::vector<std::string>> downgraded(phone& p, sip_node& n, std::string call_id) {
  p.send(asks(p, 1, call_id), n.at());
  auto m = asks(p, 2, call_id);
  p.authorize(m, co_await p.hear_status(401), "MD5");
  p.send(m, n.at());
  const auto answer = co_await p.hear();
  co_return answer.headers("WWW-Authenticate");
}

core::awaitable<std::vector<std::string>> downgraded_over_tcp(sip_ring& ring, phone& p, sip_node& n, std::string call_id) {
  auto connection = co_await stream_phone::connect(ring.env(), p.address(), n.at());
  const auto first = asks(p, 1, call_id);
  co_await connection->say(first);
  auto second = asks(p, 2, call_id);
  p.authorize(second, co_await connection->hear_status(401), "MD5");
  co_await connection->say(second);
  const auto answer = co_await connection->hear();
  co_return answer.headers("WWW-Authenticate");
}

void check_asked_for_better(const std::vector<std::string>& offers) {
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].find("algorithm=SHA-256") != std::string::npos);
  CHECK(offers[0].find("stale=true") != std::string::npos);
}

core::awaitable<void> registers_well(phone& p, sip_node& n, std::string call_id) {
  const auto status = co_await tries(p, n, call_id, "SHA-256");
  CHECK(status == 200);
}

core::awaitable<void> stronger_after_a_start(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto away = ring.make_phone("alice", 102);
  co_await registers_well(*alice, ring.node(1), "first");
  ring.ring.records.clear();  // he has gone: the ring holds nothing of him
  co_await ring.restart(1, true);
  const auto by_udp = co_await downgraded(*away, ring.node(1), "udp");
  check_asked_for_better(by_udp);
  auto beside = ring.make_phone("alice", 104);
  const auto by_tcp = co_await downgraded_over_tcp(ring, *beside, ring.node(1), "tcp");
  check_asked_for_better(by_tcp);
  co_await ring.restart(1, true);
  auto later = ring.make_phone("alice", 103);
  const auto after_two = co_await downgraded(*later, ring.node(1), "later");
  check_asked_for_better(after_two);
  for (auto* p : {alice.get(), away.get(), beside.get(), later.get()}) co_await p->hang_up();
}

core::awaitable<void> stronger_elsewhere(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 104);
  (void)co_await register_phone(*bob, ring.node(3));
  co_await registers_well(*alice, ring.node(1), "first");
  auto away = ring.make_phone("alice", 102);
  const auto by_udp = co_await downgraded(*away, ring.node(2), "udp");
  check_asked_for_better(by_udp);
  auto beside = ring.make_phone("alice", 103);
  const auto by_tcp = co_await downgraded_over_tcp(ring, *beside, ring.node(3), "tcp");
  check_asked_for_better(by_tcp);
  co_await registers_well(*away, ring.node(2), "better");
  // A user who has never used more than MD5 goes on with it everywhere.
  (void)co_await register_phone(*bob, ring.node(1));
  for (auto* p : {alice.get(), bob.get(), away.get(), beside.get()}) co_await p->hang_up();
}

core::awaitable<void> calls_elsewhere(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  auto bob = ring.make_phone("bob", 104);
  (void)co_await register_phone(*bob, ring.node(1));
  co_await registers_well(*alice, ring.node(1), "first");
  auto away = ring.make_phone("alice", 102);
  auto first = away->make("MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", 1, "call");
  away->send(first, ring.node(2).at());
  auto second = away->make("MESSAGE", "sip:bob@example.com", "<sip:bob@example.com>", 2, "call");
  away->authorize(second, co_await away->hear_status(407), "MD5");
  away->send(second, ring.node(2).at());
  const auto asked = co_await away->hear_status(407);
  check_asked_for_better(asked.headers("Proxy-Authenticate"));
  CHECK(bob->silent());
  // The same of bob, who has used nothing else.
  (void)co_await invites(*bob, "alice@example.com", ring.node(2).at(), "back");
  (void)co_await alice->hear_method("INVITE");
  for (auto* p : {alice.get(), bob.get(), away.get()}) co_await p->hang_up();
}

// His new phone may know no more than MD5.
core::awaitable<void> another_password(sip_ring& ring) {
  auto alice = ring.make_phone("alice", 101);
  co_await registers_well(*alice, ring.node(1), "first");
  ring.node(1).service->withdraw_users([](const std::string& user) { return user == "alice@example.com"; });
  for (int i = 0; i < 100 && !ring.ring.records["user location:alice@example.com"].empty(); ++i) co_await core::sleep_for(ring.env(), 20ms);
  co_await ring.restart(1, true);
  auto old = ring.make_phone("alice", 102);
  const auto status = co_await tries(*old, ring.node(1), "old", "MD5");
  CHECK(status == 200);
  co_await alice->hang_up();
  co_await old->hang_up();
}

}  // namespace

TEST_CASE("who has used SHA-256 gets in by nothing less after a start of the node, by UDP and TCP") {
  sip_ring ring(150, 1);
  ring.run(stronger_after_a_start(ring));
}

TEST_CASE("who has registered by SHA-256 gets in by nothing less at other nodes, by UDP and TCP") {
  sip_ring ring(151, 3);
  ring.run(stronger_elsewhere(ring));
}

TEST_CASE("nor does he call by less at another node") {
  sip_ring ring(152, 2);
  ring.run(calls_elsewhere(ring));
}

TEST_CASE("with another password a user begins anew") {
  sip_ring ring(153, 1);
  ring.run(another_password(ring));
}

TEST_CASE("guesses at a user are few, from however many addresses, and keep his phone from nothing") {
  sip::service_options o;
  o.stranger.refusal_delay = 1ms;
  sip_ring ring(90, 1, o);
  ring.run(limited(ring));
}

TEST_CASE("guesses of one address at many users are few") {
  sip::service_options o;
  o.stranger.refusal_delay = 1ms;
  sip_ring ring(91, 1, o);
  ring.run(sprayed(ring));
}

TEST_CASE("for a nonce that was made for another address nothing is looked up") {
  sip_ring ring(92, 1);
  ring.run(foreign_nonce(ring));
}

TEST_CASE("who has used SHA-256 is asked for nothing less, and gets in by nothing less") {
  sip_ring ring(93, 1);
  ring.run(stronger(ring));
}

}  // namespace digest_guesses_test

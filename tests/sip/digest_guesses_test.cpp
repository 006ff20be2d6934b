// Guessers and honest phones before a registrar and proxy, over real sockets.
#include <doctest.h>

#include "support/calls.hpp"
#include "support/sip_ring.hpp"

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
    if (answer.cseq().number == 2 && answer.is_response()) co_return answer.status();
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

}  // namespace

TEST_CASE("guesses at a user are few, from however many addresses, and keep his phone from nothing") {
  sip::service_options o;
  o.refusal_delay = 1ms;
  sip_ring ring(90, 1, o);
  ring.run(limited(ring));
}

TEST_CASE("guesses of one address at many users are few") {
  sip::service_options o;
  o.refusal_delay = 1ms;
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

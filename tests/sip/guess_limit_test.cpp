#include "sip/guess_limit.hpp"

#include <doctest.h>

#include <string>

namespace guess_limit_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;
using refusal = guess_limit::refusal;

namespace {

source from(const std::string& address, std::uint16_t port = 5060, flow_id flow = flow_id::none) {
  source s;
  s.by = flow == flow_id::none ? protocol::udp : protocol::tcp;
  s.remote = {asio::ip::make_address(address), port};
  s.flow = flow;
  return s;
}

struct guesses {
  guess_limit limit{30, {1, 2}};
  core::time_point now{1000s};

  refusal ask(std::string_view user, const source& s) { return limit.refused(limit.of(user, s), now); }
  void right(std::string_view user, const source& s) { limit.succeeded(limit.of(user, s)); }
  // How many of so many guesses are judged.
  unsigned guess(unsigned times, std::string_view user, const source& s) {
    unsigned judged = 0;
    for (unsigned i = 0; i < times; ++i) {
      if (ask(user, s) != refusal::none) continue;
      ++judged;
      limit.failed(limit.of(user, s), now);
    }
    return judged;
  }
};

}  // namespace

TEST_CASE("of one address so many wrong passwords are judged at once and a minute, whomever they name") {
  guesses g;
  unsigned judged = 0;
  for (unsigned user = 0; user < 1000; ++user) judged += g.guess(1, "user" + std::to_string(user), from("192.0.2.1"));
  CHECK(judged == 30);
  CHECK(g.ask("user1", from("192.0.2.1")) == refusal::address);
  CHECK(g.ask("user1", from("192.0.2.2")) == refusal::none);
  g.now += 60s;
  CHECK(g.guess(1000, "x", from("192.0.2.1")) <= 30);
}

TEST_CASE("addresses of one IPv6 /64 are one") {
  guesses g;
  CHECK(g.guess(15, "a", from("2001:db8::1")) == 15);
  CHECK(g.guess(100, "b", from("2001:db8::ffff")) == 15);
}

TEST_CASE("a user who is guessed at from everywhere is guessed at slowly") {
  guesses g;
  unsigned judged = 0;
  for (unsigned round = 0; round < 20; ++round)
    for (unsigned host = 1; host < 100; ++host) judged += g.guess(1, "alice", from("198.51.100." + std::to_string(host)));
  CHECK(judged <= 2 * guess_limit::user_burst);
  CHECK(g.ask("alice", from("198.51.100.1")) == refusal::user);
  CHECK(g.ask("bob", from("198.51.100.1")) == refusal::none);
}

TEST_CASE("who has answered rightly from an address, or over a flow, is judged there whatever comes from elsewhere") {
  guesses g;
  const auto home = from("192.0.2.1");
  const auto flow = from("192.0.2.7", 4000, flow_id{77});
  g.right("alice", home);
  g.right("alice", flow);
  for (unsigned host = 1; host < 250; ++host) (void)g.guess(20, "alice", from("198.51.100." + std::to_string(host)));
  CHECK(g.ask("alice", home) == refusal::none);
  CHECK(g.ask("alice", from("192.0.2.1", 6000)) == refusal::none);  // a NAT's next port
  CHECK(g.ask("alice", flow) == refusal::none);
}

TEST_CASE("a guesser behind the same address does not keep the phone out that has answered rightly over its own flow") {
  guesses g;
  const auto phone = from("192.0.2.1", 5060);
  g.right("alice", phone);
  CHECK(g.guess(500, "alice", from("192.0.2.1", 6666)) <= 10 + 30);
  CHECK(g.ask("alice", phone) == refusal::none);
}

TEST_CASE("a proof is no licence to guess at another user, nor for ever at one's own") {
  guesses g;
  g.right("mallory", from("192.0.2.1"));
  CHECK(g.guess(1000, "alice", from("192.0.2.1")) <= guess_limit::user_burst + 1);
  guesses h;
  h.right("mallory", from("192.0.2.1"));
  CHECK(h.guess(1000, "mallory", from("192.0.2.1")) <= 10 + 30);
}

TEST_CASE("a newcomer from a clean address has turns of his own beside those who have been seen guessing") {
  guesses g;
  // Their first guesses take the clean turns, all that follow do not.
  (void)g.guess(1, "carol", from("198.51.100.1"));
  for (int i = 0; i < 10; ++i) (void)g.guess(25, "alice", from("198.51.100.1"));
  CHECK(g.ask("alice", from("198.51.100.1")) != refusal::none);
  CHECK(g.ask("alice", from("203.0.113.9")) == refusal::none);
}

TEST_CASE("the look-ups that one address waits for are bounded, and are no longer counted when they end") {
  guesses g;
  const auto a = g.limit.of("alice", from("192.0.2.1"));
  {
    std::vector<std::unique_ptr<guess_limit::waiting>> waits;
    for (std::size_t i = 0; i <= guess_limit::waiting_max; ++i) {
      CHECK(g.ask("alice", from("192.0.2.1")) == refusal::none);
      waits.push_back(std::make_unique<guess_limit::waiting>(g.limit, a.address));
    }
    CHECK(g.ask("alice", from("192.0.2.1")) == refusal::address);
  }
  CHECK(g.ask("alice", from("192.0.2.1")) == refusal::none);
}

}  // namespace guess_limit_test

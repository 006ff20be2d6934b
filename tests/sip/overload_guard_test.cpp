#include "sip/overload_guard.hpp"

#include <doctest.h>

#include <map>

#include "phyllo/core/task_scope.hpp"
#include "sip/message.hpp"
#include "sip/message_fields.hpp"
#include "sip/retry_after.hpp"
#include "support/simulated_world.hpp"
#include "support/sip_authority.hpp"

namespace overload_guard_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

const std::string tail = "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n";
const std::string via = "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1";
const std::string invite = "INVITE sip:b@example.com SIP/2.0\r\n" + via + std::string(overload_offer) + "\r\n" + tail;

struct busy_node {
  simulated_world world;
  core::metrics metrics;
  sip_authority authority;
  sip_shares kernel_drops;
  core::task_scope tasks{world.env()};
  overload_guard guard{world.env(),
                       [](const std::string&, std::string_view, const source&) { return false; },
                       [this](const sip_shares& dropped) {
                         kernel_drops = dropped;
                         return transport::socket_load{};
                       },
                       metrics,
                       {}};

  // Messages have waited for so long, for a second.
  void waits(core::duration each) {
    for (int i = 0; i < 100; ++i) {
      guard.waited(each);
      (void)guard.enter(invite, phone(), true, 0ms);
      world.run_for(10ms);
    }
  }
  static source phone() {
    source s;
    s.by = protocol::tcp;
    return s;
  }
  source node(unsigned number) const {
    source s;
    s.by = protocol::tls;
    const auto c = authority.credential(number, "n@example.com", {"example.com"});
    s.peer = std::make_shared<const identity::certificate>(c->certificate);
    return s;
  }
  std::optional<overload_report> told(unsigned number, bool offered = true) {
    std::string text = "SIP/2.0 200 OK\r\n" + via + (offered ? std::string(overload_offer) : std::string()) + "\r\n" + tail;
    guard.leaving(text, sip_authority::id_of(number));
    return read_report(top_via_text(*message::parse(core::as_bytes(text), framing::datagram)));
  }
  unsigned admitted(const source& from) {
    unsigned n = 0;
    for (int i = 0; i < 1000; ++i) n += guard.enter(invite, from, true, 0ms) == doorkeeper::entry::admitted ? 1 : 0;
    return n;
  }
};

}  // namespace

// Of 300 refusals: when their senders are told to come back.
void check_spread(const std::map<int, int>& seconds) {
  CHECK(seconds.begin()->first >= 5);
  CHECK(seconds.rbegin()->first <= 15);
  CHECK(seconds.size() >= 8);
  for (const auto& [second, times] : seconds) CHECK(times < 100);
}

int retry_after_of(std::string_view response) {
  const auto m = message::parse(core::as_bytes(response), framing::datagram);
  REQUIRE(m.has_value());
  CHECK(m->status() == 503);
  return std::stoi(std::string(m->header("Retry-After").value_or("0")));
}

TEST_CASE("those who are refused are told to come back at times that are spread over ten seconds") {
  busy_node n;
  std::map<int, int> at_the_door;
  std::map<int, int> behind_it;
  const auto request = message::parse(core::as_bytes(invite), framing::datagram).value().copy();
  for (int i = 0; i < 300; ++i) {
    ++at_the_door[retry_after_of(n.guard.refusal_of(invite))];
    auto response = request.reply(503);
    add_retry_after(response, n.world.env());
    ++behind_it[retry_after_of(response.print())];
  }
  check_spread(at_the_door);
  check_spread(behind_it);
}

TEST_CASE("a node that has enough says so to those of its neighbours that have offered to obey") {
  busy_node n;
  CHECK(n.told(1)->percent == 0);
  CHECK(n.told(1)->validity == 0ms);
  n.waits(120ms);
  const auto report = n.told(1);
  REQUIRE(report);
  CHECK(report->percent > 20);
  CHECK(report->validity > 0ms);
  CHECK_FALSE(n.told(2, false));
  n.world.run_for(1ms);
  CHECK(n.told(1)->sequence > report->sequence);
}

TEST_CASE("what a neighbour has thinned out is not thinned again, and others are") {
  busy_node n;
  n.waits(120ms);
  REQUIRE(n.told(1)->percent > 20);
  CHECK_FALSE(n.told(2, false));
  CHECK(n.admitted(n.node(1)) > 950);
  CHECK(n.admitted(n.node(2)) < 800);
  CHECK(n.admitted(busy_node::phone()) < 800);
  n.world.run_for(1100ms);  // what it was told has ended
  CHECK(n.admitted(n.node(1)) < 800);
}

TEST_CASE("where the kernel drops most without a word, few of those who are read and refused get one, by streams all") {
  busy_node n;
  n.tasks.spawn(n.guard.watch());
  source datagrams;
  datagrams.by = protocol::udp;
  for (int i = 0; i < 200; ++i) {
    n.guard.waited(400ms);
    (void)n.guard.enter(invite, datagrams, true, 0ms);
    n.world.run_for(10ms);
  }
  REQUIRE(n.kernel_drops.first > 0.5);
  unsigned answered = 0;
  unsigned dropped = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto e = n.guard.enter(invite, datagrams, true, 0ms);
    answered += e == doorkeeper::entry::refused ? 1 : 0;
    dropped += e == doorkeeper::entry::dropped ? 1 : 0;
  }
  CHECK(answered >= 5);
  CHECK(answered <= 70);
  CHECK(dropped >= 500);
  for (int i = 0; i < 1000; ++i) CHECK(n.guard.enter(invite, busy_node::phone(), true, 0ms) != doorkeeper::entry::dropped);
  n.tasks.cancel();
  n.world.run(n.tasks.join());
}

}  // namespace overload_guard_test

#include "sip/way_knowledge.hpp"

#include <doctest.h>

#include "simulated_transport.hpp"
#include "token_fixture.hpp"

namespace way_knowledge_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1"}};

struct knowing {
  transaction_pair wire;
  core::metrics metrics;
  way_knowledge ways{{wire.world.env(), own, wire.client, metrics}, core::hash_key{}, {}};

  void overloaded(std::uint8_t n, int percent) {
    auto m = message::request("OPTIONS", "sip:b@c.d", "<sip:a@c.d>;tag=1", "<sip:b@c.d>", "i", 1).value();
    push_via(m, "TLS", "192.0.2.1:5061", "z9hG4bKa", ";oc=" + std::to_string(percent) + ";oc-algo=\"loss\";oc-validity=500;oc-seq=1.1");
    ways.heard_response(from_node(n, {}), m.reply(200));
  }
  std::size_t held_back(std::uint8_t n, std::size_t of) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < of; ++i) {
      proxy_context c;
      const bool held = ways.holds_back(c, way_to(on_node(n, "192.0.2.9:5061")));
      CHECK(c.held_back == held);
      count += held ? 1U : 0U;
    }
    return count;
  }
};

// A call that was sent to one phone straight and by its node.
proxy_context by_two_ways(way_knowledge&) {
  proxy_context c;
  auto direct = way_to(phone_at("198.51.100.7:5060"));
  direct.direct = true;
  c.forked.targets.push_back({{}, 1000, {direct, way_to(on_node(2, "192.0.2.2:5061"))}});
  c.forked.responses.emplace(fork_options{}, std::vector<response_context::flows>{{2}}, std::vector<std::vector<std::size_t>>{{0}});
  const core::time_point begun{1h};
  for (auto step : {c.forked.responses->begin(begun), c.forked.responses->on_time(begun + 1750ms)}) {
    for (const auto& a : step.start) {
      c.forked.attempts.push_back(a);
      c.forked.clients.push_back(client_id{a.branch + 1});
    }
  }
  REQUIRE(c.forked.attempts.size() == 2);
  return c;
}

}  // namespace

TEST_CASE("of the requests that begin something the share that a node does not want is held back, and counted") {
  knowing k;
  CHECK(k.held_back(2, 100) == 0);
  k.overloaded(2, 100);
  CHECK(k.held_back(2, 100) == 100);
  CHECK(k.held_back(3, 100) == 0);
  CHECK(k.metrics.drops().at("sip_overload_neighbour") == 100);
  k.wire.world.run_for(500ms);
  CHECK(k.held_back(2, 100) == 0);
  k.overloaded(3, 50);
  const auto half = k.held_back(3, 1000);
  CHECK(half > 400);
  CHECK(half < 600);
}

TEST_CASE("what goes on in a dialog, or straight to a phone, is not held back (RFC 7339 s.5.10.1)") {
  knowing k;
  k.overloaded(2, 100);
  proxy_context c;
  c.in_dialog = true;
  CHECK_FALSE(k.ways.holds_back(c, way_to(on_node(2, "192.0.2.9:5061"))));
  proxy_context straight;
  CHECK_FALSE(k.ways.holds_back(straight, way_to(phone_at("192.0.2.9:5060"))));
}

TEST_CASE("a report counts only from a node that has shown its certificate") {
  knowing k;
  auto m = message::request("OPTIONS", "sip:b@c.d", "<sip:a@c.d>;tag=1", "<sip:b@c.d>", "i", 1).value();
  push_via(m, "UDP", "192.0.2.1", "z9hG4bKa", ";oc=100;oc-algo=\"loss\";oc-seq=1.1");
  k.ways.heard_response(from("192.0.2.9:5061"), m.reply(200));
  CHECK(k.held_back(2, 50) == 0);
}

TEST_CASE("a node that says nothing is asked, and then given up with what waits for it") {
  knowing k;
  CHECK_FALSE(k.ways.sent(way_to(phone_at("192.0.2.9:5060")), client_id{7}));
  CHECK(k.ways.sent(way_to(on_node(2, "192.0.2.2:5061")), client_id{8}));
  CHECK_FALSE(k.ways.sent(way_to(on_node(2, "192.0.2.2:5061")), client_id{9}));  // nothing is due sooner
  k.wire.world.run_for(way_memory::patience);
  CHECK(k.ways.on_time().empty());
  CHECK(k.wire.client_wire.count("OPTIONS sip:192.0.2.2:5061 ") == 1);
  k.wire.world.run_for(way_memory::answer_time);
  CHECK(k.ways.on_time() == std::vector<std::uint64_t>{8, 9});
  CHECK(k.ways.memory().dead(node(2), k.wire.world.now()));
  k.ways.heard(from_node(2, {}));
  CHECK_FALSE(k.ways.memory().dead(node(2), k.wire.world.now()));
}

TEST_CASE("a phone that answers by its node what it did not answer straight hears nothing that is sent straight") {
  knowing k;
  const auto contact = at("198.51.100.7:5060");
  auto c = by_two_ways(k.ways);
  k.ways.answered(c, 1, 100);  // the next hop's own
  CHECK_FALSE(k.ways.memory().deaf(contact, k.wire.world.now()));
  k.ways.answered(c, 1, 180);
  CHECK(k.ways.memory().deaf(contact, k.wire.world.now()));
  k.ways.answered(c, 0, 180);
  CHECK_FALSE(k.ways.memory().deaf(contact, k.wire.world.now()));
}

TEST_CASE("a phone that was heard straight is not deaf for answering by its node too") {
  knowing k;
  auto c = by_two_ways(k.ways);
  (void)c.forked.responses->on_response(0, 180, core::time_point{1h} + 2s);
  k.ways.answered(c, 1, 180);
  CHECK_FALSE(k.ways.memory().deaf(at("198.51.100.7:5060"), k.wire.world.now()));
}

}  // namespace way_knowledge_test

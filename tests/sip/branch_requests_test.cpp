#include "sip/branch_requests.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/simulated_world.hpp"
#include "token_fixture.hpp"

namespace branch_requests_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1"}, 5060, 5061};
const domain_secrets secrets({"example.com"}, ring_of_keys(1, 1));
const token_sealer sealer(secrets);
const trust_domain trust({}, {"example.com"});
const trusted_headers headers({});

struct forwarded {
  simulated_world world;
  branch_requests requests{{world.env(), own, sealer, trust, headers}, node(1)};
  proxy_context c;

  explicit forwarded(const char* method = "INVITE", const char* to = "<sip:bob@example.com>") {
    auto m = message::request(method, "sip:bob@example.com", "<sip:alice@example.com>;tag=a", to, "call-1", 1).value();
    push_via(m, "UDP", "198.51.100.20:5060", "z9hG4bK1");
    REQUIRE(m.add_header("P-Asserted-Identity", "<sip:mallory@example.com>"));
    c.base = m.copy();
    c.request = std::make_shared<const message>(std::move(m));
    c.from = from("198.51.100.20:5060");
    c.domain = "example.com";
    c.forked.breadth = 20;
  }
  message to_bob() const {
    auto w = way_to(phone_at("198.51.100.7:5060"));
    w.callee = phone_at("198.51.100.7:5060");
    return requests.along(c, w);
  }
};

}  // namespace

TEST_CASE("who has shown his credentials is asserted, and nobody else says who he is") {
  forwarded stranger;
  stranger.requests.make_presentable(stranger.c);
  CHECK_FALSE(stranger.c.base->header("P-Asserted-Identity"));
  forwarded user;
  user.c.caller.who = standing::user;
  user.c.caller.user = "alice@example.com";
  user.requests.make_presentable(user.c);
  CHECK(user.c.base->header("P-Asserted-Identity") == "<sip:alice@example.com>");
}

TEST_CASE("a request that begins a dialog names this node and both ends, and so its later ones come back") {
  forwarded f;
  const auto m = f.to_bob();
  REQUIRE(m.record_routes().size() == 1);
  const auto t = open_dialog_token(sealer, m.record_routes().front().uri.user);
  REQUIRE(t);
  CHECK(t->caller.over.remote == at("198.51.100.20:5060"));
  CHECK(t->callee == phone_at("198.51.100.7:5060"));
  CHECK(t->dialog == dialog_hash("call-1", "a"));
  CHECK(t->made_by == node_hash(node(1)));
}

TEST_CASE("nothing is recorded of a request that makes no dialog, or that is of one") {
  forwarded message_of("MESSAGE");
  CHECK(message_of.to_bob().record_routes().empty());
  forwarded later("INVITE", "<sip:bob@example.com>;tag=b");
  later.c.in_dialog = true;
  CHECK(later.to_bob().record_routes().empty());
}

TEST_CASE("each branch has its share of the breadth, and the Routes and Request-URI of its way") {
  forwarded f;
  fork_way w;
  w.request_uri = "sip:bob@198.51.100.7";
  w.routes = {"<sip:192.0.2.2;lr>", "<sip:192.0.2.3;lr>"};
  const auto m = f.requests.along(f.c, w);
  CHECK(m.headers("Max-Breadth") == std::vector<std::string>{"20"});
  CHECK(m.request_uri().text() == "sip:bob@198.51.100.7");
  REQUIRE(m.routes().size() == 2);
  CHECK(m.routes().front().uri.host == "192.0.2.2");
  CHECK(f.c.base->routes().empty());
}

}  // namespace branch_requests_test

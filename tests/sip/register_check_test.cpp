#include "sip/register_check.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "token_fixture.hpp"

namespace register_check_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1"}, 5060, 5061};
const auto phone = from("198.51.100.20:5060");
const auto phone_by_tls = from("198.51.100.20:40000", protocol::tls, 3);

message registering(std::vector<std::string> contacts, const char* to = "<sip:alice@example.com>", const char* target = "sip:example.com") {
  auto m = message::request("REGISTER", target, "<sip:alice@example.com>;tag=a", to, "call-1", 1).value();
  push_via(m, "UDP", "198.51.100.20:5060", "z9hG4bK1");
  for (const auto& c : contacts) REQUIRE(m.add_header("Contact", c));
  return m;
}

int refused(const message& m, const source& by = phone) {
  const auto r = check_register(m, by, own, 2);
  return r ? r->status : 0;
}

}  // namespace

TEST_CASE("only a domain that this registrar serves is registered at") {
  CHECK(refused(registering({"<sip:alice@198.51.100.20>"})) == 0);
  CHECK(refused(registering({}, "<sip:alice@example.com>", "sip:example.org")) == 404);
}

TEST_CASE("sips is registered over TLS only") {
  CHECK(refused(registering({"<sip:alice@198.51.100.20>"}, "<sips:alice@example.com>")) == 480);
  CHECK(refused(registering({"<sips:alice@198.51.100.20>"})) == 403);
  CHECK(refused(registering({"<sips:alice@198.51.100.20>"}, "<sips:alice@example.com>"), phone_by_tls) == 0);
}

TEST_CASE("a contact is a phone at an address of its own, or another user of the domain to whom calls go on") {
  CHECK(refused(registering({"<tel:+15551234>"})) == 403);
  CHECK(refused(registering({"<sip:alice@192.0.2.1>"})) == 403);
  CHECK(refused(registering({"<sip:alice@example.com>"})) == 403);
  CHECK(refused(registering({"<sip:bob@example.com>"})) == 0);
  CHECK(refused(registering({"*"})) == 0);
}

TEST_CASE("as many contacts come as may go while others stay, and no more") {
  std::vector<std::string> contacts(8, "<sip:alice@198.51.100.20>");
  CHECK(refused(registering(contacts)) == 0);
  contacts.emplace_back("<sip:alice@198.51.100.21>");
  CHECK(refused(registering(contacts)) == 403);
}

TEST_CASE("a flow is of one instance, and its first hop has to know of flows") {
  const auto flow = [](const char* n) { return std::string("<sip:alice@198.51.100.20>;reg-id=1;+sip.instance=\"<urn:uuid:") + n + ">\""; };
  auto one = registering({flow("1")});
  REQUIRE(one.add_header("Supported", "outbound"));
  CHECK(refused(one) == 0);
  CHECK(over_flow(one));
  CHECK(refused(registering({flow("1"), flow("2")})) == 400);
  push_via(one, "UDP", "203.0.113.5:5060", "z9hG4bKedge");
  CHECK(refused(one) == 439);
  CHECK_FALSE(over_flow(one));
  push_path(one, "<sip:203.0.113.5;lr;ob>");
  CHECK(refused(one) == 0);
  CHECK(over_flow(one));
}

TEST_CASE("what is read has this node's path on top, and a flow's number only where the first hop knows of flows") {
  auto m = registering({"<sip:alice@203.0.113.77>;reg-id=4;+sip.instance=\"<urn:uuid:1>\";q=0.5;expires=60", "*"});
  const auto direct = read_register(m, phone, own, "<sip:token@192.0.2.1;lr>");
  CHECK(direct.star);
  REQUIRE(direct.contacts.size() == 1);
  CHECK(direct.contacts.front().reg_id == 4);
  CHECK(direct.contacts.front().q_thousandths == 500);
  CHECK(direct.contacts.front().expires == 60U);
  CHECK(direct.path == std::vector<std::string>{"<sip:token@192.0.2.1;lr>"});
  CHECK(direct.this_node_only);
  push_via(m, "UDP", "203.0.113.5:5060", "z9hG4bKedge");
  push_path(m, "<sip:203.0.113.5;lr>");
  const auto by_edge = read_register(m, phone, own, "<sip:token@192.0.2.1;lr>");
  CHECK(by_edge.contacts.front().reg_id == 0);
  CHECK(by_edge.path == std::vector<std::string>{"<sip:token@192.0.2.1;lr>", "<sip:203.0.113.5;lr>"});
}

}  // namespace register_check_test

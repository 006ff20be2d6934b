#include "sip/dialog_leads.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "token_fixture.hpp"

namespace dialog_leads_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const domain_secrets secrets({"example.com"}, ring_of_keys(1, 1));
const token_sealer sealer(secrets);
const dialog_leads leads(sealer, node(1));

const auto alice = phone_at("198.51.100.20:5060");
const auto bob = phone_at("198.51.100.7:5060");
const auto at_node_2 = on_node(2, "192.0.2.2:5061");
const auto at_this_node = on_node(1, "192.0.2.1:5061");

dialog_token made_by(std::uint8_t n, dialog_token t) {
  t.made_by = node_hash(node(n));
  return t;
}

std::string route_with(const std::string& user) { return "<sip:" + user + "@192.0.2.1;lr>"; }

message bye(std::vector<std::string> routes = {}) {
  auto m = in_dialog("a", "b");
  for (const auto& r : routes) append_route(m, r);
  return m;
}

}  // namespace

TEST_CASE("a request goes to the other end, whichever of the two has sent it") {
  auto m = bye();
  CHECK(leads.onward(m, token_of(alice, bob), side::caller).end == bob);
  CHECK(leads.onward(m, token_of(alice, bob), side::callee).end == alice);
  CHECK(leads.onward(m, token_of(alice, bob), side::caller).sure);
}

TEST_CASE("an end at another node is reached over that node, with the Routes that are left") {
  auto m = bye({"<sip:192.0.2.9;lr>"});
  CHECK(leads.onward(m, token_of(alice, at_node_2), side::caller).end == at_node_2);
  CHECK(m.routes().size() == 1);
}

TEST_CASE("a Route that goes on where the dialog does not leads nowhere") {
  auto m = bye({"<sip:192.0.2.9;lr>"});
  CHECK_FALSE(leads.onward(m, token_of(alice, bob), side::caller).end);
}

TEST_CASE("where this node is the next one too, the next token of the same dialog says more") {
  auto m = bye({route_with(seal(sealer, token_of(at_node_2, bob)))});
  CHECK(leads.onward(m, token_of(alice, at_this_node), side::caller).end == bob);
  CHECK(m.routes().empty());
}

TEST_CASE("a token of another dialog leads nowhere, nor does none, nor one turn more than there can be") {
  auto other = token_of(at_node_2, bob);
  other.dialog = dialog_hash("call-2", "a");
  auto of_other = bye({route_with(seal(sealer, other))});
  CHECK_FALSE(leads.onward(of_other, token_of(alice, at_this_node), side::caller).end);
  auto none = bye();
  CHECK_FALSE(leads.onward(none, token_of(alice, at_this_node), side::caller).end);
  const auto again = route_with(seal(sealer, token_of(alice, at_this_node)));
  const auto last = route_with(seal(sealer, token_of(alice, bob)));
  auto four = bye({again, again, again, last});
  CHECK(leads.onward(four, token_of(alice, at_this_node), side::caller).end == bob);
  auto five = bye({again, again, again, again, last});
  CHECK_FALSE(leads.onward(five, token_of(alice, at_this_node), side::caller).end);
}

TEST_CASE("of what another node spoke to, an address may still be right, and a connection is not") {
  auto m = bye();
  const auto by_udp = leads.onward(m, made_by(2, token_of(alice, bob)), side::caller);
  CHECK(by_udp.end == bob);
  CHECK_FALSE(by_udp.sure);
  const auto over_tcp = phone_at("198.51.100.7:5060", protocol::tcp, 3);
  CHECK_FALSE(leads.onward(m, made_by(2, token_of(alice, over_tcp)), side::caller).end);
  CHECK(leads.onward(m, token_of(alice, over_tcp), side::caller).end == over_tcp);
}

TEST_CASE("past a dead node a phone is spoken to by UDP, and by nothing else") {
  const auto t = token_of(alice, at_node_2);
  const auto way = leads.past_node(bye({route_with(seal(sealer, token_of(at_node_2, bob)))}), t, side::caller);
  REQUIRE(way);
  CHECK(way->to.at == bob.over.remote);
  CHECK(way->left_out == 1);
  const auto over_tcp = phone_at("198.51.100.7:5060", protocol::tcp, 3);
  CHECK_FALSE(leads.past_node(bye({route_with(seal(sealer, token_of(at_node_2, over_tcp)))}), t, side::caller));
  CHECK_FALSE(leads.past_node(bye({route_with(seal(sealer, token_of(alice, at_node_2)))}), t, side::caller));
  CHECK_FALSE(leads.past_node(bye(), t, side::caller));
}

TEST_CASE("the phone's node is shown the dialog's token with the phone as it is registered now, and no path") {
  path_token path;
  path.ends = noon_s;
  path.made_by = node_hash(node(2));
  path.phone = phone_at("203.0.113.5:5060");
  path.domain = "example.com";
  fork_way w;
  w.routes = {"<sip:" + seal(sealer, path) + "@192.0.2.2;lr;direct;sha256>"};
  REQUIRE(leads.lead_by(w, token_of(alice, bob), side::caller));
  const auto shown = uri_within(w.routes.front());
  REQUIRE(shown);
  CHECK_FALSE(shown->parameter("direct"));
  CHECK_FALSE(shown->parameter("sha256"));
  CHECK(shown->parameter("lr"));
  CHECK(open_dialog_token(sealer, shown->user) == made_by(2, token_of(alice, path.phone)));
}

TEST_CASE("a way along more than the phone's own node is none for a dialog, and one without Routes is") {
  fork_way none;
  CHECK(leads.lead_by(none, token_of(alice, bob), side::caller));
  path_token path;
  path.phone = bob;
  path.domain = "example.com";
  const auto route = route_with(seal(sealer, path));
  fork_way two;
  two.routes = {route, route};
  CHECK_FALSE(leads.lead_by(two, token_of(alice, bob), side::caller));
  fork_way other;
  other.routes = {"<sip:192.0.2.2;lr>"};
  CHECK_FALSE(leads.lead_by(other, token_of(alice, bob), side::caller));
  path.phone.beyond = true;
  fork_way beyond;
  beyond.routes = {route_with(seal(sealer, path))};
  CHECK_FALSE(leads.lead_by(beyond, token_of(alice, bob), side::caller));
}

TEST_CASE("a strict router finds itself in the Request-URI, which goes to the end of the Route") {
  auto m = bye({"<sip:192.0.2.9>", "<sip:192.0.2.10;lr>"});
  serve_strict_router(m);
  CHECK(m.request_uri().text() == "sip:192.0.2.9");
  REQUIRE(m.routes().size() == 2);
  CHECK(m.routes().at(0).uri.host == "192.0.2.10");
  CHECK(m.routes().at(1).uri.text() == "sip:x@192.0.2.77");
  auto loose = bye({"<sip:192.0.2.10;lr>"});
  serve_strict_router(loose);
  CHECK(loose.request_uri().text() == "sip:x@192.0.2.77");
}

}  // namespace dialog_leads_test

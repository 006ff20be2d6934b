#include "sip/record_route.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "sip/message_fields.hpp"
#include "token_fixture.hpp"

namespace record_route_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1"}, 5060, 5061};
const domain_secrets secrets({"example.com"}, ring_of_keys(1, 1));
const token_sealer sealer(secrets);

message invite(const char* request_uri = "sip:bob@198.51.100.7") {
  auto m = message::request("INVITE", request_uri, "<sip:alice@example.com>;tag=a", "<sip:bob@example.com>", "call-1", 1).value();
  push_via(m, "UDP", "198.51.100.20:5060", "z9hG4bK1");
  return m;
}

message within_dialog(std::vector<std::string> routes, const char* request_uri = "sip:bob@198.51.100.7") {
  auto m = message::request("BYE", request_uri, "<sip:alice@example.com>;tag=a", "<sip:bob@example.com>;tag=b", "call-1", 2).value();
  for (const auto& r : routes) append_route(m, r);
  return m;
}

std::vector<std::string> recorded(const message& m) {
  std::vector<std::string> out;
  for (const auto& r : m.record_routes()) out.push_back("<" + r.uri.text() + ">");
  return out;
}

const auto alice = phone_at("198.51.100.20:5060");
const auto bob = phone_at("198.51.100.7:5060");

}  // namespace

TEST_CASE("one Record-Route is enough where both ends speak the same transport") {
  auto m = invite();
  record_route(m, own, sealer, token_of(alice, bob));
  REQUIRE(m.record_routes().size() == 1);
  auto bye = within_dialog(recorded(m));
  const auto info = take_route(bye, own, sealer);
  CHECK(info.dialog == token_of(alice, bob));
  CHECK_FALSE(info.lost);
  CHECK(bye.routes().empty());
}

TEST_CASE("a change of transport is recorded twice, each end with its own, and taken off at once") {
  auto m = invite();
  record_route(m, own, sealer, token_of(phone_at("198.51.100.20:40000", protocol::tcp, 3), bob));
  const auto rr = m.record_routes();
  REQUIRE(rr.size() == 2);
  CHECK_FALSE(rr.at(0).uri.parameter("transport").has_value());
  CHECK(rr.at(1).uri.parameter("transport") == "tcp");
  auto bye = within_dialog(recorded(m));
  CHECK(take_route(bye, own, sealer).dialog.has_value());
  CHECK(bye.routes().empty());
}

TEST_CASE("where an end hangs on another node, one Record-Route faces the phone") {
  const auto tcp = phone_at("198.51.100.20:40000", protocol::tcp, 3);
  auto out = invite();
  record_route(out, own, sealer, token_of(tcp, on_node(2, "192.0.2.2:5061")));
  REQUIRE(out.record_routes().size() == 1);
  CHECK(out.record_routes().front().uri.parameter("transport") == "tcp");
  auto in = invite();
  record_route(in, own, sealer, token_of(on_node(2, "192.0.2.2:5061"), tcp));
  REQUIRE(in.record_routes().size() == 1);
  CHECK(in.record_routes().front().uri.parameter("transport") == "tcp");
}

TEST_CASE("of a Route through several nodes the first token is taken, the others stay for theirs") {
  const auto first = token_of(alice, on_node(2, "192.0.2.2:5061"));
  auto second = token_of(on_node(1, "192.0.2.1:5061"), bob);
  second.made_by = node_hash(node(2));
  const auto uri_of = [&](const dialog_token& t, const char* host) { return "<sip:" + seal(sealer, t) + "@" + host + ";lr>"; };
  auto bye = within_dialog({uri_of(first, "192.0.2.1"), uri_of(second, "192.0.2.2")});
  CHECK(take_route(bye, own, sealer).dialog == first);
  REQUIRE(bye.routes().size() == 1);
  CHECK(first_route(bye)->uri.host == "192.0.2.2");
  // That node's own has died: what it sealed is opened here.
  auto through_another = within_dialog({uri_of(first, "203.0.113.99"), uri_of(second, "192.0.2.2")});
  CHECK(take_route(through_another, own, sealer).dialog == first);
}

TEST_CASE("a plain route of ours says nothing, one with another user is lost, and other nodes' stay") {
  auto plain = within_dialog({"<sip:192.0.2.1;lr>"});
  const auto none = take_route(plain, own, sealer);
  CHECK(plain.routes().empty());
  CHECK_FALSE(none.dialog);
  CHECK_FALSE(none.lost);
  auto guessed = within_dialog({"<sip:AQHh7abcdefghijklmnopqrstuvwxyz012345@192.0.2.1;lr>"});
  const auto lost = take_route(guessed, own, sealer);
  CHECK(lost.lost);
  CHECK_FALSE(lost.dialog);
  auto foreign = within_dialog({"<sip:192.0.2.1;lr>", "<sip:198.51.100.99;lr>", "<sip:198.51.100.98;lr>"});
  (void)take_route(foreign, own, sealer);
  REQUIRE(foreign.routes().size() == 2);
  CHECK(first_route(foreign)->uri.host == "198.51.100.99");
}

TEST_CASE("what phones write as their outbound proxy is this node: any of its ports, the domain, another node of it") {
  auto us = own;
  us.other_ports = {443, 80, 6084};
  us.is_supernode = [](const asio::ip::address& a) { return a == asio::ip::make_address("192.0.2.2"); };
  us.hosts = {"Node1.Example.com", "*.sip.example.net"};
  us.is_found = [](const std::string& name) { return name == "proxy.example.org"; };
  for (const auto* route : {"<sip:192.0.2.1;lr>", "<sip:192.0.2.1:5060;lr>", "<sip:192.0.2.1:443;transport=tcp;lr>",
                            "<sip:192.0.2.1:80;lr>", "<sip:192.0.2.1:6084;lr>", "<sips:192.0.2.1:443;lr>", "<sip:example.com;lr>",
                            "<sip:EXAMPLE.com.;lr>", "<sip:192.0.2.2;lr>", "<sip:192.0.2.2:443;transport=tcp;lr>",
                            "<sip:node1.example.com;lr>", "<sips:NODE1.example.com.:443;lr>", "<sip:node1.example.com:80;lr>",
                            "<sip:node1.example.com:6084;transport=tcp;lr>", "<sip:a.sip.example.net;lr>", "<sip:proxy.example.org;lr>"}) {
    CAPTURE(route);
    auto m = within_dialog({route});
    CHECK_FALSE(take_route(m, us, sealer).lost);
    CHECK(m.routes().empty());
  }
  for (const auto* route : {"<sip:192.0.2.1:5099;lr>", "<sip:192.0.2.3;lr>", "<sip:other.example.com;lr>", "<sip:192.0.2.2:5099;lr>",
                            "<sip:node1.example.com:5099;lr>", "<sip:node2.example.com;lr>", "<sip:x.node1.example.com;lr>",
                            "<sip:sip.example.net;lr>", "<sip:a.b.sip.example.net;lr>", "<sip:other.example.org;lr>", "<tel:+49301234>"}) {
    CAPTURE(route);
    auto m = within_dialog({route});
    (void)take_route(m, us, sealer);
    CHECK(m.routes().size() == 1);
  }
}

TEST_CASE("a Route that names us again and again is known for a circle, and costs no more than its bytes") {
  const std::string ours = "<sip:192.0.2.1;lr>";
  auto few = within_dialog({ours, ours, ours, ours, ours, "<sip:203.0.113.1;lr>"});
  CHECK_FALSE(take_route(few, own, sealer).circles);
  REQUIRE(few.routes().size() == 1);
  auto many = within_dialog(std::vector<std::string>(90, ours));
  CHECK(take_route(many, own, sealer).circles);
}

TEST_CASE("a Path token is taken for what it is, at its node only") {
  path_token t;
  t.ends = noon_s;
  t.phone = bob;
  t.domain = "example.com";
  auto m = invite();
  push_route(m, own_uri(own, seal(sealer, t), protocol::udp, false));
  const auto info = take_route(m, own, sealer);
  REQUIRE(info.path);
  CHECK(info.path->phone == bob);
  CHECK_FALSE(info.dialog);
  auto elsewhere = invite();
  push_route(elsewhere, "<sip:" + seal(sealer, t) + "@192.0.2.2;lr>");
  CHECK_FALSE(take_route(elsewhere, own, sealer).path);
}

TEST_CASE("what a strict router did is undone") {
  auto made = invite();
  record_route(made, own, sealer, token_of(alice, bob));
  const auto ours = made.record_routes().front().uri.text();
  auto m = within_dialog({"<sip:198.51.100.99;lr>", "<sip:bob@198.51.100.7>"}, ours.c_str());
  CHECK(take_route(m, own, sealer).dialog.has_value());
  CHECK(m.request_uri().text() == "sip:bob@198.51.100.7");
  REQUIRE(m.routes().size() == 1);
  CHECK(first_route(m)->uri.host == "198.51.100.99");
}

TEST_CASE("a caller is where it sends from; its Contact counts at that address only") {
  auto m = invite();
  REQUIRE(m.add_header("Contact", "<sip:alice@198.51.100.20:5060>").has_value());
  CHECK(caller_end(m, from("198.51.100.20:5060")).to().at.text() == "198.51.100.20:5060");
  CHECK(caller_end(m, from("198.51.100.20:5099")).to().at.text() == "198.51.100.20:5060");
  CHECK(caller_end(m, from("203.0.113.77:5061")).to().at.text() == "203.0.113.77:5061");
  CHECK(caller_end(m, from("198.51.100.20:4000", protocol::tcp, 9)).to().flow == flow_id{9});
  CHECK_FALSE(caller_end(m, from("198.51.100.20:5060")).beyond);
  push_via(m, "TLS", "203.0.113.9:5061", "z9hG4bK2");
  CHECK(caller_end(m, from("198.51.100.99:5060")).beyond);
  const auto by_node = caller_end(m, from_node(4, {}));
  CHECK(by_node.node == node_way{node(4), at("203.0.113.9:5061")});
}

TEST_CASE("a SIPS call is recorded with SIPS") {
  auto m = invite("sips:bob@198.51.100.7");
  record_route(m, own, sealer, token_of(phone_at("198.51.100.20:1", protocol::tls, 1), phone_at("198.51.100.7:2", protocol::tls, 2)));
  CHECK(m.record_routes().front().uri.scheme == "sips");
}

}  // namespace record_route_test

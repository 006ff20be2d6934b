#include "sip/record_route.hpp"

#include <doctest.h>

using namespace phyllo;
using namespace phyllo::sip;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1"}, 5060, 5061};
const token_signer signer(core::bytes(32, 7));

transport::endpoint at(const char* text) { return transport::endpoint::parse(text).value(); }
source from(const char* address, protocol by = protocol::udp, std::uint64_t id = 0) {
  return {by, at(address), at("192.0.2.1:5060"), static_cast<flow_id>(id)};
}
flow phone(const char* address, protocol by = protocol::udp, std::uint64_t id = 0) { return flow_of(from(address, by, id)); }

message invite(const char* request_uri = "sip:bob@198.51.100.7") {
  auto m = message::request("INVITE", request_uri, "<sip:alice@example.com>;tag=a", "<sip:bob@example.com>", "call-1", 1).value();
  m.push_via("UDP", "198.51.100.20:5060", "z9hG4bK1");
  return m;
}

message within_dialog(std::vector<std::string> routes, const char* request_uri = "sip:bob@198.51.100.7") {
  auto m = message::request("BYE", request_uri, "<sip:alice@example.com>;tag=a", "<sip:bob@example.com>;tag=b", "call-1", 2).value();
  for (const auto& r : routes) m.append_route(r);
  return m;
}

std::vector<std::string> recorded(const message& m) {
  std::vector<std::string> out;
  for (const auto& r : m.record_routes()) out.push_back("<" + r.uri.text() + ">");
  return out;
}

}  // namespace

TEST_CASE("one Record-Route is enough where both sides speak UDP and are reached by their contacts") {
  auto m = invite();
  record_route(m, own, signer, {}, {});
  REQUIRE(m.record_routes().size() == 1);
  auto bye = within_dialog(recorded(m));
  const auto info = take_route(bye, own, signer, from("198.51.100.20:5060"));
  CHECK(info.in_dialog);
  CHECK_FALSE(info.over.has_value());
  CHECK(bye.routes().empty());
}

TEST_CASE("a change of transport is recorded twice, each side with its own") {
  auto m = invite();
  const auto tcp = phone("198.51.100.20:40000", protocol::tcp, 3);
  record_route(m, own, signer, {protocol::tcp, tcp}, {});
  const auto rr = m.record_routes();
  REQUIRE(rr.size() == 2);
  CHECK_FALSE(rr.at(0).uri.parameter("transport").has_value());
  CHECK(rr.at(1).uri.parameter("transport") == "tcp");
}

TEST_CASE("requests within the dialog go over the flow of the side they are for") {
  auto m = invite();
  const auto caller = phone("198.51.100.20:1111");
  const auto callee = phone("198.51.100.7:2222");
  record_route(m, own, signer, {protocol::udp, caller}, {protocol::udp, callee});
  auto rr = recorded(m);
  REQUIRE(rr.size() == 2);

  auto by_callee = within_dialog(rr);
  const auto to_caller = take_route(by_callee, own, signer, from("198.51.100.7:2222"));
  CHECK(to_caller.in_dialog);
  REQUIRE(to_caller.over);
  CHECK(to_caller.over->same_as(caller));

  std::swap(rr[0], rr[1]);
  auto by_caller = within_dialog(rr);
  const auto to_callee = take_route(by_caller, own, signer, from("198.51.100.20:1111"));
  REQUIRE(to_callee.over);
  CHECK(to_callee.over->same_as(callee));
}

TEST_CASE("a route of ours without its token, or of another call, is no passport") {
  auto plain = within_dialog({"<sip:192.0.2.1;lr>"});
  CHECK_FALSE(take_route(plain, own, signer, from("203.0.113.5:5060")).in_dialog);
  auto m = message::request("INVITE", "sip:b@198.51.100.7", "<sip:a@example.com>;tag=a", "<sip:b@example.com>", "call-2", 1).value();
  record_route(m, own, signer, {}, {});
  auto other_call = within_dialog(recorded(m));
  CHECK_FALSE(take_route(other_call, own, signer, from("203.0.113.5:5060")).in_dialog);
  auto no_dialog = invite();
  record_route(no_dialog, own, signer, {}, {});
  no_dialog.append_route(recorded(no_dialog).front());
  CHECK_FALSE(take_route(no_dialog, own, signer, from("203.0.113.5:5060")).in_dialog);
}

TEST_CASE("a Path token leads to the phone outside dialogs") {
  const auto bob = phone("198.51.100.7:2222");
  auto m = invite();
  m.push_route(own_uri(own, signer.seal({flow_token::use::path, bob}, {}), protocol::udp, false));
  const auto info = take_route(m, own, signer, from("203.0.113.5:5060"));
  CHECK(info.to_phone);
  CHECK_FALSE(info.in_dialog);
  REQUIRE(info.over);
  CHECK(info.over->same_as(bob));
}

TEST_CASE("routes of others stay, in order") {
  auto m = within_dialog({"<sip:192.0.2.1;lr>", "<sip:198.51.100.99;lr>", "<sip:198.51.100.98;lr>"});
  (void)take_route(m, own, signer, from("203.0.113.5:5060"));
  REQUIRE(m.routes().size() == 2);
  CHECK(m.first_route()->uri.host == "198.51.100.99");
}

TEST_CASE("what a strict router did is undone") {
  auto made = invite();
  record_route(made, own, signer, {}, {});
  const auto ours = made.record_routes().front().uri.text();
  auto m = within_dialog({"<sip:198.51.100.99;lr>", "<sip:bob@198.51.100.7>"}, ours.c_str());
  const auto info = take_route(m, own, signer, from("203.0.113.5:5060"));
  CHECK(info.in_dialog);
  CHECK(m.request_uri().text() == "sip:bob@198.51.100.7");
  REQUIRE(m.routes().size() == 1);
  CHECK(m.first_route()->uri.host == "198.51.100.99");
}

TEST_CASE("a caller's flow is kept when it sends from another address than its contact, or over a stream") {
  auto m = invite();
  REQUIRE(m.add_header("Contact", "<sip:alice@198.51.100.20:5060>").has_value());
  CHECK_FALSE(caller_side(m, from("198.51.100.20:5060")).flow.has_value());
  CHECK_FALSE(caller_side(m, from("198.51.100.20:5099")).flow.has_value());
  CHECK(caller_side(m, from("203.0.113.77:5060")).flow.has_value());
  CHECK(caller_side(m, from("198.51.100.20:5060", protocol::tcp, 9)).flow.has_value());
  m.push_via("UDP", "198.51.100.99", "z9hG4bK2");
  CHECK_FALSE(caller_side(m, from("198.51.100.99:5060")).flow.has_value());
}

TEST_CASE("a SIPS call is recorded with SIPS") {
  auto m = invite("sips:bob@198.51.100.7");
  record_route(m, own, signer, {protocol::tls, std::nullopt}, {protocol::tls, std::nullopt});
  CHECK(m.record_routes().front().uri.scheme == "sips");
}

TEST_CASE("users of ours are named by domain, or by our address where there is one domain") {
  CHECK(own.user_of(uri::parse("sip:Bob@EXAMPLE.com;x=y").value()) == "Bob@example.com");
  CHECK(own.user_of(uri::parse("sip:bob@192.0.2.1").value()) == "bob@example.com");
  CHECK_FALSE(own.user_of(uri::parse("sip:bob@192.0.2.1:5999").value()));
  CHECK_FALSE(own.user_of(uri::parse("sip:example.com").value()));
  CHECK_FALSE(own.user_of(uri::parse("sip:bob@example.org").value()));
  const own_names two{{"example.com", "example.net"}, {"192.0.2.1"}, 5060, 5061};
  CHECK_FALSE(two.user_of(uri::parse("sip:bob@192.0.2.1").value()));
}

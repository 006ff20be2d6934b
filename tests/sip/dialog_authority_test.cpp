#include "sip/dialog_authority.hpp"

#include <doctest.h>

#include "token_fixture.hpp"

namespace dialog_authority_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

std::optional<side> judged(const dialog_token& t, const message& m, const sender& who, core::wall_time now = noon, std::uint8_t self = 1) {
  return side_of(t, m, who, now, node(self));
}

const auto by_caller = in_dialog("a", "b");
const auto by_callee = in_dialog("b", "a");

}  // namespace

TEST_CASE("each end is known by the address that it sends from, and only as the end that it is") {
  const auto t = token_of(phone_at("192.0.2.10:5060"), phone_at("192.0.2.20:5060"));
  CHECK(judged(t, by_caller, {from("192.0.2.10:5060")}) == side::caller);
  CHECK(judged(t, by_callee, {from("192.0.2.20:5060")}) == side::callee);
  CHECK_FALSE(judged(t, by_caller, {from("192.0.2.20:5060")}));
  CHECK_FALSE(judged(t, by_callee, {from("192.0.2.10:5060")}));
  CHECK(other_end(t, side::caller) == t.callee);
  CHECK(other_end(t, side::callee) == t.caller);
}

TEST_CASE("a token from another address, port or transport is a stranger's") {
  const auto t = token_of(phone_at("192.0.2.10:5060"), phone_at("192.0.2.20:5060"));
  CHECK_FALSE(judged(t, by_caller, {from("203.0.113.5:5060")}));
  CHECK_FALSE(judged(t, by_caller, {from("192.0.2.10:5061")}));
  CHECK_FALSE(judged(t, by_caller, {from("192.0.2.10:5060", protocol::tcp, 4)}));
}

TEST_CASE("a phone may send from the port where it listens") {
  auto caller = phone_at("192.0.2.10:4000");
  caller.listens = 5060;
  const auto t = token_of(caller, phone_at("192.0.2.20:5060"));
  CHECK(judged(t, by_caller, {from("192.0.2.10:5060")}) == side::caller);
  CHECK_FALSE(judged(t, by_caller, {from("192.0.2.20:5060")}));
}

TEST_CASE("a connection is known by its node only, an address by every node") {
  const auto stream = token_of(phone_at("192.0.2.10:4000", protocol::tls, 9), phone_at("192.0.2.20:5060"));
  CHECK(judged(stream, by_caller, {from("192.0.2.10:4000", protocol::tls, 9)}) == side::caller);
  CHECK_FALSE(judged(stream, by_caller, {from("192.0.2.10:4000", protocol::tls, 9)}, noon, 2));
  CHECK_FALSE(judged(stream, by_caller, {from("192.0.2.10:4000", protocol::tls, 10)}));
  CHECK(judged(stream, by_callee, {from("192.0.2.20:5060")}, noon, 2) == side::callee);
}

TEST_CASE("any To tag does not help, nor another call, nor a request without tags") {
  const auto t = token_of(phone_at("192.0.2.10:5060"), phone_at("192.0.2.20:5060"));
  const auto stranger = from("203.0.113.5:5060");
  for (const auto* tag : {"b", "made-up", "a"}) CHECK_FALSE(judged(t, in_dialog("x", tag), {stranger}));
  CHECK_FALSE(judged(t, in_dialog("a", "b", "call-2"), {from("192.0.2.10:5060")}));
  CHECK_FALSE(judged(t, in_dialog("a", ""), {from("192.0.2.10:5060")}));
  CHECK_FALSE(judged(t, in_dialog("", "a"), {from("192.0.2.20:5060")}));
  CHECK_FALSE(judged(t, in_dialog("z", "b"), {from("192.0.2.10:5060")}));
}

TEST_CASE("after its end a token is nobody's") {
  const auto t = token_of(phone_at("192.0.2.10:5060"), phone_at("192.0.2.20:5060"));
  CHECK(judged(t, by_caller, {from("192.0.2.10:5060")}, noon + 3599s) == side::caller);
  CHECK_FALSE(judged(t, by_caller, {from("192.0.2.10:5060")}, noon + 3600s));
  CHECK_FALSE(judged(t, by_caller, {from_node(9, {"example.com"})}, noon + 3600s));
}

TEST_CASE("a phone whose address changed proves by its credentials which end it is") {
  auto t = token_of(phone_at("192.0.2.10:5060"), phone_at("192.0.2.20:5060"));
  t.caller.user = user_hash("alice@example.com");
  const auto elsewhere = from("203.0.113.5:7000");
  CHECK(judged(t, by_caller, {elsewhere, "alice@example.com"}) == side::caller);
  CHECK_FALSE(judged(t, by_caller, {elsewhere, "mallory@example.com"}));
  CHECK_FALSE(judged(t, by_callee, {elsewhere, "alice@example.com"}));
  CHECK_FALSE(judged(t, by_callee, {elsewhere, "bob@example.com"}));  // nobody can prove to be the callee of this one
}

TEST_CASE("of nodes the one that an end hangs on is believed, or one with authority for the domain, and nobody at its address") {
  const auto t = token_of(on_node(7, "203.0.113.9:40000"), phone_at("192.0.2.20:5060"));
  CHECK(judged(t, by_caller, {from_node(7, {})}) == side::caller);
  CHECK(judged(t, by_caller, {from_node(8, {"example.com"})}) == side::caller);
  CHECK_FALSE(judged(t, by_caller, {from_node(8, {})}));
  CHECK_FALSE(judged(t, by_caller, {from_node(8, {"example.org"})}));
  CHECK_FALSE(judged(t, by_callee, {from_node(7, {})}));
  CHECK_FALSE(judged(t, by_caller, {from("203.0.113.9:40000")}));
  CHECK_FALSE(judged(t, by_caller, {from("203.0.113.9:40000", protocol::tls, 77)}));
}

TEST_CASE("a path leads to its phone at the node that made it, until it ends") {
  path_token p;
  p.ends = noon_s + 10;
  p.made_by = node_hash(node(1));
  p.phone = phone_at("192.0.2.1:5060");
  CHECK(leads_to_phone(p, noon, node(1)));
  CHECK_FALSE(leads_to_phone(p, noon, node(2)));
  CHECK_FALSE(leads_to_phone(p, noon + 10s, node(1)));
  p.phone = on_node(3, "192.0.2.3:5061");
  CHECK_FALSE(leads_to_phone(p, noon, node(1)));
}

}  // namespace dialog_authority_test

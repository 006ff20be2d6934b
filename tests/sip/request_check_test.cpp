#include "sip/request_check.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/sample_message.hpp"

namespace request_check_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

message with(std::string_view line) { return parsed_message(replaced(sample_invite, "X-Odd:   kept  as it   is ", line)); }

int refused(const message& m) {
  const auto r = check_request(m);
  return r ? r->status : 0;
}

}  // namespace

TEST_CASE("a proxy refuses other schemes, spent hops and extensions that it does not know (s.16.3)") {
  CHECK(refused(parsed_message(sample_invite)) == 0);
  CHECK(refused(parsed_message(replaced(sample_invite, "INVITE sip:bob@biloxi.com", "INVITE tel:+1-201"))) == 416);
  CHECK(refused(parsed_message(replaced(sample_invite, "INVITE sip:bob", "INVITE sips:bob"))) == 0);
  CHECK(refused(parsed_message(replaced(sample_invite, "Max-Forwards: 70", "Max-Forwards: 0"))) == 483);
  CHECK(refused(parsed_message(replaced(sample_invite, "Max-Forwards: 70", "Max-Forwards: 1"))) == 0);
  CHECK(refused(parsed_message(replaced(sample_invite, "Max-Forwards: 70\r\n", ""))) == 0);
  CHECK(refused(with("Proxy-Require: foo")) == 420);
  CHECK(refused(with("Proxy-Require: Privacy")) == 0);
  CHECK(refused(with("Require: foo")) == 0);  // is the callee's
  CHECK(refused(with("Privacy: header;critical")) == 500);
}

TEST_CASE("the unknown extensions are named, and privacy is none of them") {
  CHECK(unsupported_extensions(with("Proxy-Require: foo, PRIVACY, bar")) == std::vector<std::string_view>{"foo", "bar"});
}

TEST_CASE("a request passes in the same way where Call-ID, tags, CSeq, Request-URI and Route are the same") {
  const core::hash_key key{};
  const auto of = [&](const message& m) { return passage_of(key, m); };
  const auto first = parsed_message(sample_invite);
  auto again = parsed_message(sample_invite);
  push_via(again, "UDP", "192.0.2.9", "z9hG4bKother");
  set_max_forwards(again, 60);
  CHECK(of(again) == of(first));
  for (const auto& [what, by] : {std::pair("Call-ID: a", "Call-ID: b"), std::pair("tag=19", "tag=18"), std::pair("CSeq: 3", "CSeq: 4"),
                                 std::pair("INVITE sip:bob", "INVITE sip:rob"), std::pair("<sip:p2", "<sip:p3"),
                                 std::pair("Bob <sip:bob@biloxi.com>", "<sip:bob@biloxi.com>;tag=x")}) {
    CAPTURE(what);
    CHECK(of(parsed_message(replaced(sample_invite, what, by))) != of(first));
  }
  CHECK(passage_of({1, 2}, first) != of(first));
}

TEST_CASE("a request that bears this node's Via has been here") {
  auto m = parsed_message(sample_invite);
  const own_names elsewhere{{"example.com"}, {"192.0.2.9"}};
  const own_names here{{"example.com"}, {"192.0.2.9", "10.0.0.1"}, 5070};
  CHECK_FALSE(has_own_via(m, elsewhere));
  CHECK(has_own_via(m, here));  // the lower of the two
}

TEST_CASE("a request spreads to 60 branches where it says nothing that can be read (RFC 5393 s.5.3.3)") {
  CHECK(max_breadth_of(parsed_message(sample_invite)) == 60);
  CHECK(max_breadth_of(with("Max-Breadth: 0")) == 0);
  CHECK(max_breadth_of(with("Max-Breadth: 7")) == 7);
  for (const auto* odd : {"Max-Breadth: ", "Max-Breadth: many", "Max-Breadth: 7x", "Max-Breadth: -1", "Max-Breadth: 4294967296"})
    CHECK_MESSAGE(max_breadth_of(with(odd)) == 60, std::string(odd));
}

}  // namespace request_check_test

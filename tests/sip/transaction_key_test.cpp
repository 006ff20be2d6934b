#include "sip/transaction_key.hpp"

#include <doctest.h>

#include "support/sample_message.hpp"
#include "token_fixture.hpp"

namespace transaction_key_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

std::string invite(const std::string& branch) {
  return "INVITE sip:bob@biloxi.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5070;branch=" + branch +
         "\r\nTo: <sip:bob@biloxi.com>\r\nFrom: <sip:alice@atlanta.com>;tag=a\r\nCall-ID: i\r\nCSeq: 7 INVITE\r\n"
         "Content-Length: 0\r\n\r\n";
}

const std::string modern = invite("z9hG4bKabc");
const std::string old = invite("1");  // RFC 2543's

std::string key(const std::string& text, const source& by = from("192.0.2.5:5060"), std::string_view as = {}) {
  return server_key(parsed_message(text), by, as);
}

std::string with(const std::string& text, std::string_view what, std::string_view by) { return key(replaced(text, what, by)); }

std::string as_method(const std::string& text, const std::string& method) {
  return replaced(replaced(text, "INVITE sip", method + " sip"), "7 INVITE", "7 " + method);
}

}  // namespace

TEST_CASE("a request is matched by branch, sent-by and method, and by nothing else that it says (s.17.2.3)") {
  CHECK(key(modern) == key(modern));
  CHECK(with(modern, "z9hG4bKabc", "Z9HG4BKABC") == key(modern));
  CHECK(with(modern, "Call-ID: i", "Call-ID: other") == key(modern));
  CHECK(with(modern, "sip:bob@biloxi.com SIP", "sip:carol@biloxi.com SIP") == key(modern));
  CHECK(with(modern, "z9hG4bKabc", "z9hG4bKabd") != key(modern));
  CHECK(with(modern, "10.0.0.1:5070", "10.0.0.2:5070") != key(modern));
  CHECK(with(modern, "10.0.0.1:5070", "10.0.0.1:5071") != key(modern));
  CHECK(key(as_method(modern, "OPTIONS")) != key(modern));
}

TEST_CASE("an ACK is its INVITE's, and a CANCEL's request is found by that request's method") {
  CHECK(key(as_method(modern, "ACK")) == key(modern));
  CHECK(key(as_method(modern, "CANCEL")) != key(modern));
  CHECK(key(as_method(modern, "CANCEL"), from("192.0.2.5:5060"), "INVITE") == key(modern));
}

TEST_CASE("who has seen a branch neither cancels nor acknowledges another's request") {
  CHECK(key(modern, from("192.0.2.6:5060")) != key(modern));
  CHECK(key(modern, from("192.0.2.5:9999")) == key(modern));  // a NAT may give it another port
  CHECK(key(modern, from_node(1, {})) != key(modern, from_node(2, {})));
}

TEST_CASE("without the magic cookie all of RFC 2543's fields count") {
  CHECK(key(old) == key(old));
  CHECK(key(as_method(old, "ACK")) == key(old));
  for (const auto& [what, by] :
       {std::pair("sip:bob@biloxi.com SIP", "sip:carol@biloxi.com SIP"), std::pair("tag=a", "tag=b"), std::pair("Call-ID: i", "Call-ID: j"),
        std::pair("CSeq: 7", "CSeq: 8"), std::pair("branch=1", "branch=2")}) {
    CAPTURE(what);
    CHECK(with(old, what, by) != key(old));
  }
}

TEST_CASE("a response has the key of the request that it answers") {
  const auto request = parsed_message(modern);
  CHECK(client_key(request.reply(200, {}, "t")) == client_key(request));
  CHECK(client_key(parsed_message(replaced(modern, "z9hG4bKabc", "Z9HG4BKabc"))) == client_key(request));
  CHECK(client_key(parsed_message(as_method(modern, "OPTIONS"))) != client_key(request));
  CHECK(client_key(parsed_message(replaced(modern, "z9hG4bKabc", "z9hG4bKabd"))) != client_key(request));
}

TEST_CASE("a request that came on two ways is one by From tag, Call-ID and CSeq (s.8.2.2.2)") {
  const auto merged = [](const std::string& text) { return merge_key(parsed_message(text)); };
  CHECK(merged(replaced(modern, "branch=z9hG4bKabc", "branch=z9hG4bKother")) == merged(modern));
  CHECK_FALSE(merged(modern).empty());
  for (const auto& [what, by] : {std::pair("tag=a", "tag=b"), std::pair("Call-ID: i", "Call-ID: j"), std::pair("CSeq: 7", "CSeq: 8")})
    CHECK(merged(replaced(modern, what, by)) != merged(modern));
  CHECK(merged(replaced(modern, "To: <sip:bob@biloxi.com>", "To: <sip:bob@biloxi.com>;tag=b")).empty());
}

}  // namespace transaction_key_test

#include "sip/too_large.hpp"

#include <doctest.h>

#include "sip/message_fields.hpp"
#include "support/sample_message.hpp"

namespace too_large_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

const transport::endpoint source{asio::ip::make_address("192.0.2.5"), 5099};

const std::string begun =
    "INVITE sip:bob@biloxi.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;rport\r\nContent-Length: 99999\r\nl : 99999\r\n"
    "To: <sip:bob@biloxi.com>\r\nFrom: <sip:alice@atlanta.com>;tag=1\r\nCall-ID: i\r\nCSeq: 7 INVITE\r\n";

}  // namespace

TEST_CASE("what has come of a request that is too large is answered by 513, where it came from") {
  const auto m = sip::refuse_too_large(begun + "X: " + std::string(100'000, 'x'), source);
  REQUIRE(m);
  CHECK(m->status() == 513);
  CHECK(m->cseq().number == 7);
  CHECK(m->call_id() == "i");
  CHECK(top_via(*m)->received == "192.0.2.5");
  CHECK(top_via(*m)->rport == 5099);
}

TEST_CASE("a body that has begun is none of the header's") {
  const auto m = sip::refuse_too_large(begun + "\r\nCSeq: 8 INVITE\r\nVia: x", source);
  REQUIRE(m);
  CHECK(m->cseq().number == 7);
  CHECK(m->vias().size() == 1);
}

TEST_CASE("what names the transaction must be among the first lines and bytes") {
  const auto with = [](const std::string& first) {
    return sip::refuse_too_large("INVITE sip:b@c.d SIP/2.0\r\n" + first + begun.substr(begun.find("Via")), source).has_value();
  };
  const auto lines = [](std::size_t count, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "X: " + std::string(size, 'x') + "\r\n";
    return out;
  };
  CHECK(with(lines(50, 10)));
  CHECK_FALSE(with(lines(64, 10)));
  CHECK(with(lines(1, 7000)));
  CHECK_FALSE(with(lines(1, 8192)));
}

TEST_CASE("a response, an ACK, and what has no Via get no answer") {
  CHECK_FALSE(sip::refuse_too_large(replaced(replaced(begun, "INVITE sip", "ACK sip"), "7 INVITE", "7 ACK"), source));
  CHECK_FALSE(sip::refuse_too_large(replaced(begun, "INVITE sip:bob@biloxi.com SIP/2.0", "SIP/2.0 200 OK"), source));
  CHECK_FALSE(sip::refuse_too_large(replaced(begun, "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;rport\r\n", ""), source));
  CHECK_FALSE(sip::refuse_too_large("", source));
  CHECK_FALSE(sip::refuse_too_large("INVITE sip:b@c.d SIP/2.0", source));
}

}  // namespace too_large_test

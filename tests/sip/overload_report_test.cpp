#include "sip/overload_report.hpp"

#include <doctest.h>

#include "sip/glance.hpp"
#include "sip/message.hpp"
#include "sip/message_fields.hpp"
#include "sip/neighbour_loads.hpp"

namespace overload_report_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

std::string response(const std::string& vias) {
  return "SIP/2.0 503 Overloaded\r\n" + vias +
         "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b;oc@example.com>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
}

// What the client reads of what the server has written.
std::optional<overload_report> passed_on(std::string text, const overload_report& r) {
  if (!write_report(text, r)) return std::nullopt;
  const auto m = message::parse(core::as_bytes(text), framing::datagram);
  REQUIRE(m.has_value());
  REQUIRE_FALSE(m->defect());
  CHECK(top_via(*m)->branch == "z9hG4bK1");
  return read_report(top_via_text(*m));
}

const std::string via = "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1";
const std::string below = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK0;oc;oc-algo=\"loss\"\r\n";

}  // namespace

TEST_CASE("a report reaches the client that has offered to obey, and nobody else") {
  const overload_report told{37, 1500ms, 171'000'000'012'345};
  for (const auto& offer : {via + ";oc;oc-algo=\"loss\"\r\n", via + ";OC;oc-algo=\"A,loss\";received=192.0.2.7\r\n",
                            std::string("v:  SIP/2.0/TLS 192.0.2.1:5061 ;branch=z9hG4bK1\r\n ; oc ; oc-algo = \"loss,B\"\r\n"),
                            via + ";oc;oc-algo=\"loss\", SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKx\r\n"}) {
    CAPTURE(offer);
    const auto heard = passed_on(response(offer + below), told);
    REQUIRE(heard);
    CHECK(heard->percent == 37);
    CHECK(heard->validity == 1500ms);
    CHECK(heard->sequence == told.sequence);
  }
  for (const auto& none : {via + "\r\n", via + ";oc;oc-algo=\"rate\"\r\n", via + ";oc\r\n", via + ";x=\";oc;oc-algo=loss\"\r\n",
                           via + ";ocs;oc-algo=\"loss\"\r\n"}) {
    CAPTURE(none);
    auto text = response(none + below);
    const auto before = text;
    CHECK_FALSE(write_report(text, told));
    CHECK(text == before);
  }
}

TEST_CASE("what stands beside the report stays, and what was in its place does not") {
  auto text = response("Via: SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK1;oc=99;oc-algo=\"loss\";oc-seq=9.9;rport;x=\"a;b,c\"\r\n");
  REQUIRE(write_report(text, {0, 0ms, 100'001}));
  CHECK(text.find("Via: SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK1;rport;x=\"a;b,c\";oc=0;oc-algo=\"loss\";oc-validity=0;"
                  "oc-seq=1.00001\r\n") != std::string::npos);
}

TEST_CASE("a refusal at the door can bear a report") {
  auto text = unavailable_to("INVITE sip:b@example.com SIP/2.0\r\n" + via + std::string(overload_offer) +
                                 "\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n",
                             "busy", 5);
  CHECK(passed_on(text, {50, 500ms, 7}));
}

TEST_CASE("reports that can not be read say nothing") {
  const std::string value = via.substr(5);
  CHECK(read_report(value + ";oc=20;oc-algo=\"loss\";oc-validity=500;oc-seq=1282321615.782")->sequence == 128'232'161'578'200);
  CHECK(read_report(value + ";oc=20;oc-algo=\"loss\";oc-seq=1.1")->validity == overload_report::usual);
  CHECK(read_report(value + ";oc=20;oc-algo=\"loss\";oc-validity=4000000000;oc-seq=1.1")->validity == overload_report::validity_max);
  for (const auto* bad : {"", ";oc", ";oc;oc-algo=\"loss\"", ";oc=101;oc-algo=\"loss\";oc-seq=1.1", ";oc=-1;oc-algo=\"loss\";oc-seq=1.1",
                          ";oc=1;oc-algo=\"rate\";oc-seq=1.1", ";oc=1;oc-algo=\"loss\"", ";oc=1;oc-algo=\"loss\";oc-seq=1.x",
                          ";oc=1;oc-algo=\"loss\";oc-seq=1234567890123.1", ";oc=1;oc-algo=\"loss\";oc-seq=1.1;oc-validity=soon", ";oc=\"",
                          ";;;", ";oc=1;oc-algo=\"", "\\"}) {
    CAPTURE(bad);
    CHECK_FALSE(read_report(value + bad).has_value());
  }
}

}  // namespace overload_report_test

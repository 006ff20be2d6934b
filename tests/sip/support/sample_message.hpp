// An INVITE with a bit of everything, and what tests of messages do with it.
#pragma once

#include <doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "sip/message.hpp"

namespace phyllo::testing {

inline const std::string sample_invite =
    "INVITE sip:bob@biloxi.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds, SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bKlower\r\n"
    "Max-Forwards: 70\r\n"
    "To: Bob <sip:bob@biloxi.com>\r\n"
    "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\n"
    "CSeq: 314159 INVITE\r\n"
    "Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\n"
    "X-Odd:   kept  as it   is \r\n"
    "Contact: <sip:alice@pc33.atlanta.com>;q=0.7;expires=60;+sip.instance=\"<urn:uuid:1>\";reg-id=2\r\n"
    "k: path, outbound\r\n"
    "Timestamp: 54\r\n"
    "Content-Length: 3\r\n\r\nabc";

inline sip::message parsed_message(const std::string& text) {
  auto m = sip::message::parse(core::as_bytes(text), sip::framing::datagram);
  REQUIRE_MESSAGE(m.has_value(), (m ? std::string() : m.error().message()));
  return std::move(*m);
}

inline bool prints(const sip::message& m, std::string_view text) { return m.print().find(text) != std::string::npos; }

inline std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto found = text.find(what);
  REQUIRE(found != std::string::npos);
  return text.replace(found, what.size(), by);
}

}  // namespace phyllo::testing

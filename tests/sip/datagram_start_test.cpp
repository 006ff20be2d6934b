#include "phyllo/sip/datagram_start.hpp"

#include <doctest.h>

namespace datagram_start_test {

using namespace phyllo;
using sip::datagram_start;

TEST_CASE("a message begins with a line of SIP/2.0; empty lines alone keep a NAT's binding open") {
  const auto start = [](std::string_view text) { return sip::start_of(core::as_bytes(text)); };
  for (const auto* yes : {"OPTIONS sip:a@b SIP/2.0\r\nVia: x", "SIP/2.0 200 OK\r\n", "\r\n\r\nINVITE sip:a SIP/2.0\r\n",
                          "INVITE sip:a sip/2.0\n", "X SIP/2.0"})
    CHECK_MESSAGE(start(yes) == datagram_start::message, yes);
  for (const auto* no : {"X", "OPTIONS sip:a@b\r\nSIP/2.0", "SIP/2.0", "GET / HTTP/1.1\r\n", "OPTIONS sip:a@b SIP/3.0\r\n"})
    CHECK_MESSAGE(start(no) == datagram_start::noise, no);
  for (const auto* empty : {"", "\n", "\r\n\r\n"}) CHECK(start(empty) == datagram_start::keep_alive);
}

}  // namespace datagram_start_test

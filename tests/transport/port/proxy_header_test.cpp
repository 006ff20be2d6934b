#include "transport/port/proxy_header.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"

namespace proxy_header_test {

using namespace phyllo;
using transport::proxy_header;

namespace {

core::bytes header(const std::string& rest) { return *core::from_hex("0d0a0d0a000d0a515549540a" + rest); }

}  // namespace

TEST_CASE("a header says who is behind the load balancer, over IPv4 and IPv6") {
  const auto v4 = proxy_header::parse(header("2111000c"
                                             "c0000201"
                                             "c0000202"
                                             "3039"
                                             "01bb"))
                      .value()
                      .value();
  CHECK(v4.source->text() == "192.0.2.1:12345");
  CHECK(v4.size == 28);
  const auto v6 =
      proxy_header::parse(header("21210024"
                                 "20010db8000000000000000000000001"
                                 "20010db8000000000000000000000002"
                                 "3039"
                                 "01bb"));
  CHECK(v6.value().value().source->text() == "[2001:db8::1]:12345");
}

TEST_CASE("TLVs belong to the header, and what follows does not") {
  auto bytes = header(
      "21110013"
      "c0000201"
      "c0000202"
      "3039"
      "01bb"
      "01000461626364");
  const auto whole = bytes.size();
  core::append(bytes, core::as_bytes("GET / HTTP/1.1"));
  CHECK(proxy_header::parse(bytes).value().value().size == whole);
}

TEST_CASE("LOCAL and foreign families leave the connection its own address") {
  CHECK_FALSE(proxy_header::parse(header("20000000")).value().value().source);
  CHECK_FALSE(proxy_header::parse(header("21310004"
                                         "01020304"))
                  .value()
                  .value()
                  .source);
}

TEST_CASE("a header that is not whole needs more bytes, whatever was cut off") {
  const auto bytes = header(
      "2111000c"
      "c0000201"
      "c0000202"
      "3039"
      "01bb");
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto some = proxy_header::parse(core::byte_view(bytes).first(n));
    REQUIRE(some);
    CHECK_FALSE(*some);
  }
}

TEST_CASE("what is no header is malformed as soon as it shows") {
  CHECK(proxy_header::parse(core::as_bytes("GET / HTTP/1.1")).error() == transport::errc::malformed);
  CHECK(proxy_header::parse(core::as_bytes("PROXY TCP4 192.0.2.1")).error() == transport::errc::malformed);  // version 1
  CHECK_FALSE(proxy_header::parse(header("1111000c")));
  CHECK_FALSE(proxy_header::parse(header("2211000c")));
  CHECK_FALSE(
      proxy_header::parse(header("21110004"
                                 "c0000201")));  // no room for its addresses
  CHECK_FALSE(proxy_header::parse(header("2111ffff")));
}

}  // namespace proxy_header_test

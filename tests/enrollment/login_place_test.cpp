#include "../../src/enrollment/login_place.hpp"

#include <doctest.h>

namespace login_place_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

login_place at(const char* text) { return login_place::of(asio::ip::make_address(text)); }

}  // namespace

TEST_CASE("a customer is an IPv4 address or an IPv6 /64, a network a /24 or a /48, and a mapped address is its IPv4") {
  CHECK(at("192.0.2.1").host != at("192.0.2.2").host);
  CHECK(at("192.0.2.1").prefix == at("192.0.2.2").prefix);
  CHECK(at("192.0.2.1").prefix != at("192.0.3.1").prefix);
  CHECK(at("2001:db8::1").host == at("2001:db8::2").host);
  CHECK(at("2001:db8::1").host != at("2001:db8:0:1::1").host);
  CHECK(at("2001:db8::1").prefix == at("2001:db8:0:1::1").prefix);
  CHECK(at("2001:db8::1").prefix != at("2001:db8:1::1").prefix);
  CHECK(at("::ffff:192.0.2.1").host == at("192.0.2.1").host);
}

TEST_CASE("a region is an IPv4 /16 or an IPv6 /32") {
  CHECK(at("192.0.2.1").region == at("192.0.3.1").region);
  CHECK(at("192.0.2.1").region != at("192.1.2.1").region);
  CHECK(at("2001:db8::1").region == at("2001:db8:ffff::1").region);
  CHECK(at("2001:db8::1").region != at("2001:db9::1").region);
  CHECK(at("::ffff:192.0.2.1").region == at("192.0.9.9").region);
}

}  // namespace login_place_test

#include "phyllo/core/endpoint.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"

namespace endpoint_test {

using namespace phyllo;
using core::endpoint;

TEST_CASE("endpoints print and parse in both families") {
  for (const auto* text : {"192.0.2.1:5060", "[2001:db8::1]:65535", "0.0.0.0:0"}) CHECK(endpoint::parse(text).value().text() == text);
}

TEST_CASE("what is no endpoint is malformed") {
  for (const auto* text :
       {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:1x", "2001:db8::1:5060", "[192.0.2.1]:1", "host:1", "[::1]1"}) {
    CAPTURE(text);
    CHECK(endpoint::parse(text).error() == core::errc::malformed);
  }
}

TEST_CASE("endpoints are ordered by address, then port") {
  const auto low = endpoint::parse("192.0.2.1:9").value();
  const auto high = endpoint::parse("192.0.2.2:1").value();
  CHECK(low < high);
  CHECK(endpoint::parse("192.0.2.1:8").value() < low);
  CHECK(low == endpoint::parse("192.0.2.1:9").value());
}

}  // namespace endpoint_test

#include "phyllo/transport/address_prefix.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"

namespace address_prefix_test {

using namespace phyllo;
using transport::address_prefix;

namespace {

bool holds(const char* prefix, const char* address) {
  return address_prefix::parse(prefix).value().contains(asio::ip::make_address(address));
}

}  // namespace

TEST_CASE("a prefix holds the addresses whose first bits are its own") {
  CHECK(holds("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  CHECK(holds("192.0.2.128/25", "192.0.2.200"));
  CHECK_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  CHECK(holds("0.0.0.0/0", "203.0.113.7"));
  CHECK(holds("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  CHECK_FALSE(holds("0.0.0.0/0", "::1"));
}

TEST_CASE("an address alone is itself and no other") {
  CHECK(holds("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(holds("192.0.2.7", "192.0.2.6"));
  CHECK(holds("::1", "::1"));
}

TEST_CASE("what is no prefix is malformed") {
  for (const auto* text : {"", "/24", "host/8", "192.0.2.0/", "192.0.2.0/33", "::/129", "192.0.2.0/8x", "192.0.2.0/-1"}) {
    CHECK(address_prefix::parse(text).error() == core::errc::malformed);
  }
}

}  // namespace address_prefix_test

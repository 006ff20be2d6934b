#include "sip/host_name.hpp"

#include <doctest.h>

namespace host_name_test {

using namespace phyllo::sip;

TEST_CASE("a host has one spelling") {
  CHECK(canonical_host("Example.COM") == "example.com");
  CHECK(canonical_host("example.com.") == "example.com");
  CHECK(canonical_host("xn--BCHER-kva.example") == "xn--bcher-kva.example");
  CHECK(canonical_host("192.0.2.1") == "192.0.2.1");
  CHECK(canonical_host("[::ffff:192.0.2.1]") == "192.0.2.1");
  CHECK(canonical_host("[::FFFF:c000:201]") == "192.0.2.1");
  CHECK(canonical_host("[2001:DB8:0:0:0:0:0:1]") == "2001:db8::1");
  CHECK(same_host("[2001:db8::1]", "[2001:0db8:0::0001]"));
  CHECK_FALSE(same_host("example.com", "example.org"));
}

TEST_CASE("what is neither a name nor an address is no host") {
  for (const auto* bad : {"", ".", "..", "example.com..", ".example.com", "example..com", "192.0.2", "192.0.2.256", "192.000.002.001",
                          "3232235777", "0x7f.1", "127.1", "exam ple.com", "example,com", "[::1", "[fe80::1%25eth0]"})
    CHECK_MESSAGE(!canonical_host(bad).has_value(), std::string(bad));
  CHECK_FALSE(canonical_host(std::string(64, 'a') + ".com").has_value());
  CHECK_FALSE(same_host("..", ".."));
}

}  // namespace host_name_test

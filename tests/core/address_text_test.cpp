#include "phyllo/core/address_text.hpp"

#include <doctest.h>

#include <random>

namespace address_text_test {

using namespace phyllo;

TEST_CASE("addresses are written and read as Asio has them") {
  std::mt19937 random(7);
  for (int i = 0; i < 1000; ++i) {
    const asio::ip::address_v4 a(static_cast<std::uint32_t>(random()));
    CHECK(core::text_of(a) == a.to_string());
    CHECK(core::parse_ipv4(a.to_string()) == a);
  }
  CHECK(core::text_of(asio::ip::make_address("2001:db8::1")) == "2001:db8::1");
  for (const auto* text : {"0.0.0.0", "255.255.255.255", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.00", "1..2.3", ".1.2.3.4",
                           "1.2.3.4.", " 1.2.3.4", "1.2.3.4 ", "1.2.3.-4", "1.2.3.+4", "a.b.c.d", "", "1", "::1"}) {
    CAPTURE(text);
    asio::error_code ec;
    const auto expected = asio::ip::make_address_v4(text, ec);
    CHECK(core::parse_ipv4(text) == (ec ? std::nullopt : std::optional(expected)));
  }
}

}  // namespace address_text_test

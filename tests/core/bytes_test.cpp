#include "phyllo/core/bytes.hpp"

#include <doctest.h>

namespace bytes_test {

using namespace phyllo::core;

TEST_CASE("hexadecimal text round-trips and refuses strangers") {
  CHECK(to_hex(bytes{0, 15, 255}) == "000fff");
  CHECK(from_hex("000fFF") == bytes{0, 15, 255});
  CHECK_FALSE(from_hex("0").has_value());
  CHECK_FALSE(from_hex("0g").has_value());
}

TEST_CASE("base64 agrees with RFC 4648 s.10") {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(to_base64(as_bytes(plain)) == coded);
    CHECK(from_base64(coded) == to_bytes(plain));
  }
}

TEST_CASE("base64 refuses what is not base64") {
  for (const auto* bad : {"Z", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v!", "=Zm9"}) CHECK_FALSE(from_base64(bad).has_value());
}

TEST_CASE("base64 skips line breaks") { CHECK(from_base64("Zm9v\r\nYmFy\n") == to_bytes("foobar")); }

}  // namespace bytes_test

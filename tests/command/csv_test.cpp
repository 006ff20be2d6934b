#include "command/csv.hpp"

#include <doctest.h>

#include "phyllo/node/errc.hpp"

namespace csv_test {

using namespace phyllo;
using fields = std::vector<std::string>;

TEST_CASE("fields are parted by commas, and quotes enclose what holds one") {
  CHECK(command::parse_csv_line("alice@example.com,secret").value() == fields{"alice@example.com", "secret"});
  CHECK(command::parse_csv_line("a,\"b,c\"").value() == fields{"a", "b,c"});
  CHECK(command::parse_csv_line("\"say \"\"hi\"\"\",x").value() == fields{"say \"hi\"", "x"});
  CHECK(command::parse_csv_line("a,").value() == fields{"a", ""});
  CHECK(command::parse_csv_line("a,,b").value() == fields{"a", "", "b"});
}

TEST_CASE("a quote that is not closed, or closes early, is malformed") {
  CHECK(command::parse_csv_line("a,\"b").error() == node::errc::malformed);
  CHECK(command::parse_csv_line("\"a\"b,c").error() == node::errc::malformed);
}

TEST_CASE("a field that is printed parses to itself") {
  for (const std::string text : {"plain", "a,b", "say \"hi\"", "", "tab\tin"}) {
    const auto back = command::parse_csv_line("x," + command::csv_field(text) + ",y");
    REQUIRE(back.has_value());
    CHECK(*back == fields{"x", text, "y"});
  }
}

}  // namespace csv_test

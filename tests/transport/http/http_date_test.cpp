#include "phyllo/transport/http_date.hpp"

#include <doctest.h>

#include <random>

namespace http_date_test {

using namespace phyllo;
using transport::parse_http_date;
using transport::print_http_date;

namespace {

std::int64_t seconds_of(std::string_view text) {
  const auto t = parse_http_date(text);
  return t ? std::chrono::duration_cast<std::chrono::seconds>(t->time_since_epoch()).count() : -1;
}

}  // namespace

TEST_CASE("a Date is read, and written as it was (RFC 9110 s.5.6.7)") {
  CHECK(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777);
  CHECK(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(seconds_of("Tue, 29 Feb 2000 23:59:59 GMT") == 951'868'799);
  CHECK(seconds_of("Sat, 31 Dec 2016 23:59:60 GMT") == 1'483'228'800);  // a leap second
  CHECK(seconds_of("Tue, 31 Dec 2199 23:59:59 GMT") == 7'258'118'399);
  for (const std::int64_t s : {0LL, 784'111'777LL, 951'868'799LL, 1'767'225'600LL, 7'258'118'399LL}) {
    const core::wall_time t{std::chrono::seconds(s)};
    CHECK(parse_http_date(print_http_date(t)) == t);
  }
  CHECK(print_http_date(core::wall_time(std::chrono::seconds(784'111'777) + std::chrono::milliseconds(999))) ==
        "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("what is no Date tells no time") {
  for (const auto* text : {"",
                           "now",
                           "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994",
                           "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "sun, 06 nov 1994 08:49:37 gmt",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Mon, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:60:00 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Wed, 29 Feb 2023 00:00:00 GMT",
                           "Fri, 00 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Foo 1994 08:49:37 GMT",
                           "Wed, 31 Dec 1969 23:59:59 GMT",
                           "Wed, 01 Jan 2200 00:00:00 GMT",
                           "Sat, 01 Jan 9999 00:00:00 GMT",
                           " Sun, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           "Sun, 06 Nov -994 08:49:37 GMT",
                           "Sun, +6 Nov 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text).has_value());
  }
  CHECK_FALSE(parse_http_date(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT\0", 30)).has_value());
  CHECK_FALSE(parse_http_date(std::string(1 << 20, 'x')).has_value());
}

TEST_CASE("a Date with one byte changed is another one, or none") {
  const std::string good = "Sun, 06 Nov 1994 08:49:37 GMT";
  const auto was = parse_http_date(good);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      auto changed = good;
      changed[at] = static_cast<char>(c);
      const auto t = parse_http_date(changed);
      if (t) CHECK((*t == was) == (changed == good));
    }
  }
}

}  // namespace http_date_test

#include "reload/utf8.hpp"

#include <doctest.h>

namespace utf8_test {

using namespace phyllo;
using namespace phyllo::overlay;

TEST_CASE("plain UTF-8 has no controls, no surrogates and no overlong forms") {
  CHECK(plain_utf8("zo\xc3\xab \xe2\x82\xac \xf0\x9f\x8d\x9e"));
  CHECK_FALSE(plain_utf8("\xc0\x80"));
  CHECK_FALSE(plain_utf8("\xed\xa0\x80"));
  CHECK_FALSE(plain_utf8("\xf4\x90\x80\x80"));
  CHECK_FALSE(plain_utf8("\xe2\x82"));
  CHECK_FALSE(plain_utf8("a\x7f"));
}

TEST_CASE("each length of UTF-8 has its first and its last character, and no shorter form of them") {
  for (const auto* good : {"\x20", "\x7e", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", ""}) {
    CAPTURE(good);
    CHECK(plain_utf8(good));
  }
  for (const auto* bad :
       {"\x1f", "\x7f", "\x80", "\xbf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x88\x80\x80\x80", "\xff",
        "\xc2", "\xc2 ", "\xe2\x82", "\xe2\x82z", "\xf0\x90\x80", "\xf0\x90\x80z", "a\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(plain_utf8(bad));
  }
  CHECK_FALSE(plain_utf8(std::string_view("a\0b", 3)));
}

TEST_CASE("the first character that XML can not hold is named") {
  CHECK(not_for_xml("tab\t, line\n, return\r and zo\xc3\xab").empty());
  CHECK(not_for_xml("a\x01\x02") == "U+0001");
  CHECK(not_for_xml(std::string_view("\0", 1)) == "U+0000");
  CHECK(not_for_xml("\x1f") == "U+001F");
  CHECK(not_for_xml("a\xef\xbf\xbe") == "U+FFFE");
  CHECK(not_for_xml("a\xef\xbf\xbf") == "U+FFFF");
  CHECK(not_for_xml("\xef\xbf\xbd").empty());  // U+FFFD
  CHECK(not_for_xml("\xef\xbf").empty());
}

TEST_CASE("what is printed of a stranger's text is eighty characters of ASCII") {
  CHECK(printable("plain ~text") == "plain ~text");
  CHECK(printable("a\nb\x7f\xc3\xab") == "a?b???");
  CHECK(printable(std::string(200, 'x')) == std::string(80, 'x'));
}

}  // namespace utf8_test

#include "sip/journal_text.hpp"

#include <doctest.h>

namespace journal_text_test {

using namespace phyllo::sip;

TEST_CASE("a field of any octets becomes one without tabs, ends of lines and control characters, and back") {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  const auto field = to_field(all);
  for (const char c : field) CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK(from_field(field) == all);
  CHECK(to_field("a\tb%\n") == "a%09b%25%0a");
  CHECK(from_field("") == "");
}

TEST_CASE("a per cent that no two digits follow stands for itself") {
  for (const auto* text : {"%", "%4", "a%", "%zz", "%%", "100% of"}) CHECK_MESSAGE(from_field(text) == text, std::string(text));
  CHECK(from_field("%41%4") == "A%4");
}

TEST_CASE("a line is cut at its tabs, empty fields and all") {
  using fields = std::vector<std::string_view>;
  CHECK(fields_of("") == fields{""});
  CHECK(fields_of("a") == fields{"a"});
  CHECK(fields_of("a\t\tb\t") == fields{"a", "", "b", ""});
}

}  // namespace journal_text_test

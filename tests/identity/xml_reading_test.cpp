#include "identity/xml_reading.hpp"

#include <doctest.h>

#include <string>

#include "phyllo/identity/errc.hpp"

namespace xml_reading_test {

using namespace phyllo;
using namespace phyllo::identity;

namespace {

std::string refused(const std::string& text) {
  pugi::xml_document d;
  const auto read = read_xml(d, text);
  if (read) return {};
  CHECK(read.error() == errc::malformed_document);
  return read.error().detail();
}

std::string nested(int levels) {
  std::string out;
  for (int i = 0; i < levels; ++i) out += "<a>";
  for (int i = 0; i < levels; ++i) out += "</a>";
  return out;
}

}  // namespace

TEST_CASE("a document is read up to its bounds and not beyond") {
  CHECK(refused(nested(nesting_max)).empty());
  CHECK(refused(nested(nesting_max + 1)) == "nested deeper than 16 levels");
  const std::string element = "<a></a>";
  CHECK(refused(element + std::string(document_bytes_max - element.size(), ' ')).empty());
  CHECK(refused(element + std::string(document_bytes_max - element.size() + 1, ' ')) == "longer than 1 MiB");
  CHECK(refused(std::string("<a>\0</a>", 8)) == "a NUL");
  CHECK(refused("<!DOCTYPE a><a/>") == "a document type");
}

TEST_CASE("what is not well-formed is told with its place") {
  CHECK(refused("<a>\n  <b></a>").find("line 2, column ") == 0);
  CHECK_FALSE(refused("<a>").empty());
  CHECK(place_in("", 0) == "line 1, column 1");
  CHECK(place_in("ab\ncd", 2) == "line 1, column 3");
  CHECK(place_in("ab\ncd", 3) == "line 2, column 1");
  CHECK(place_in("ab\ncd", 4) == "line 2, column 2");
}

TEST_CASE("a text is one node, whatever parts it") {
  pugi::xml_document d;
  REQUIRE(read_xml(d, "<a> one<!-- two --> three<![CDATA[<four>]]><b/> five </a>"));
  CHECK(text_of(d.document_element()) == "one three<four> five");
  CHECK(d.document_element().child("b"));
}

TEST_CASE("elements are told by their namespaces") {
  pugi::xml_document d;
  REQUIRE(read_xml(d, "<o xmlns:p='urn:p' xmlns:q='urn:q'><plain/><own xmlns='urn:p'/><p:x/><q:x/><r:x/></o>"));
  const auto o = d.document_element();
  CHECK(is_plain_element(o.child("plain")));
  CHECK_FALSE(is_plain_element(o.child("own")));
  CHECK_FALSE(is_plain_element(o.child("p:x")));
  CHECK(is_element_of(o.child("own"), "urn:p", "own"));
  CHECK_FALSE(is_element_of(o.child("own"), "urn:q", "own"));
  CHECK_FALSE(is_element_of(o.child("plain"), "urn:p", "plain"));
  CHECK(is_element_of(o.child("p:x"), "urn:p", "x"));
  CHECK_FALSE(is_element_of(o.child("q:x"), "urn:p", "x"));
  CHECK(is_element_of(o.child("r:x"), "urn:p", "x"));  // declared outside of what is signed
  CHECK_FALSE(is_element_of(o.child("p:x"), "urn:p", "y"));
  CHECK(local_name(o.child("p:x")) == "x");
  CHECK(local_name(o.child("plain")) == "plain");
}

TEST_CASE("the simple types of XML Schema are read strictly") {
  CHECK(to_boolean("1") == true);
  CHECK(to_boolean("true") == true);
  CHECK(to_boolean("0") == false);
  CHECK(to_boolean("false") == false);
  for (const auto* bad : {"", "True", "yes", " 1", "01"}) CHECK_MESSAGE(!to_boolean(bad), std::string(bad));
  CHECK(to_number<std::uint8_t>("255") == 255);
  for (const auto* bad : {"", "256", "-1", "+1", " 1", "1 ", "0x1", "1."}) CHECK_MESSAGE(!to_number<std::uint8_t>(bad), std::string(bad));
  CHECK(trimmed(" \t\r\n a b \n") == "a b");
  CHECK(trimmed(" \n").empty());
}

TEST_CASE("a time is RFC 3339's in UTC, with or without a fraction") {
  const auto whole = core::from_unix_milliseconds(1'767'322'984'000);
  CHECK(to_time("2026-01-02T03:03:04Z") == whole);
  CHECK(to_time("2026-01-02T03:03:04.5Z") == whole + std::chrono::milliseconds(500));
  CHECK(to_time("2026-01-02T03:03:04.000000001Z") == whole + std::chrono::nanoseconds(1));
  CHECK(to_time("1970-01-01T00:00:00Z") == core::wall_time());
  CHECK(to_time("2024-02-29T00:00:00Z").has_value());
  CHECK(to_time("2261-12-31T23:59:60Z").has_value());  // a leap second
  for (const auto* bad : {"", "2026-01-02T03:03:04", "2026-01-02 03:03:04Z", "2026-01-02T03:03:04+00:00", "2026-02-29T00:00:00Z",
                          "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z",
                          "2026-01-02T03:03:61Z", "1969-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "2026-01-02T03:03:04.Z",
                          "2026-01-02T03:03:04.1234567890Z", "2026-01-02T03:03:04.-1Z", "+026-01-02T03:03:04Z", "2026-1-002T03:03:04Z"})
    CHECK_MESSAGE(!to_time(bad), std::string(bad));
}

}  // namespace xml_reading_test

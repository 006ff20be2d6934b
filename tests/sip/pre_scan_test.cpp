#include "sip/pre_scan.hpp"

#include <doctest.h>

namespace pre_scan_test {

using namespace phyllo;
using namespace std::string_literals;
using sip::errc;
using sip::pre_scan;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a header is cut into lines, folds included") {
  const auto text = "\r\n\r\nOPTIONS sip:a SIP/2.0\r\nSubject: one\r\n two\r\nl : 3\r\n\r\nabc"s;
  const auto s = pre_scan(text);
  REQUIRE(s);
  CHECK(s->start_line == "OPTIONS sip:a SIP/2.0");
  REQUIRE(s->lines.size() == 2);
  CHECK(s->lines[0].name == "Subject");
  CHECK(s->lines[0].value == "one\r\n two");
  CHECK(s->lines[0].raw == "Subject: one\r\n two\r\n");
  CHECK(s->lines[1].id == sip::field::content_length);
  CHECK(s->length == 3);
  CHECK(s->body == "abc");
}

TEST_CASE("128 header lines pass and one more does not") {
  const auto bomb = [](std::size_t lines) { return pre_scan("OPTIONS sip:a SIP/2.0\r\n" + repeated("X: y\r\n", lines) + "\r\n"); };
  CHECK(bomb(128).has_value());
  REQUIRE_FALSE(bomb(129).has_value());
  CHECK(bomb(129).error() == errc::too_large);
}

TEST_CASE("folds count as header lines") {
  const auto bomb = [](std::size_t folds) { return pre_scan("OPTIONS sip:a SIP/2.0\r\nX: y\r\n" + repeated(" z\r\n", folds) + "\r\n"); };
  CHECK(bomb(127).has_value());
  CHECK(bomb(128).error() == errc::too_large);
}

TEST_CASE("16 KiB of header pass and one octet more does not") {
  const auto start = "OPTIONS sip:a SIP/2.0\r\nX: "s;
  const auto of_size = [&](std::size_t size) {
    return pre_scan(start + std::string(size - start.size() - 4, 'y') + "\r\n\r\n" + std::string(100, 'b'));
  };
  CHECK(of_size(16 * 1024).has_value());
  CHECK(of_size(16 * 1024 + 1).error() == errc::too_large);
}

TEST_CASE("64 KiB pass in all and one octet more does not") {
  const auto header = "OPTIONS sip:a SIP/2.0\r\n\r\n"s;
  CHECK(pre_scan(header + std::string(64 * 1024 - header.size(), 'b')).has_value());
  CHECK(pre_scan(header + std::string(64 * 1024 - header.size() + 1, 'b')).error() == errc::too_large);
}

TEST_CASE("a CR, LF or NUL by itself ends the reading") {
  for (const auto& text :
       {"OPTIONS sip:a SIP/2.0\nX: y\r\n\r\n"s, "OPTIONS sip:a SIP/2.0\r\nX: \ry\r\n\r\n"s, "OPTIONS sip:a SIP/2.0\r\nX: \0y\r\n\r\n"s,
        "OPTIONS sip:a SIP/2.0\r\nX: y"s, "OPTIONS sip:a"s, ""s, "\r\n\r\n"s})
    CHECK(pre_scan(text).error() == errc::malformed);
  CHECK(pre_scan("OPTIONS sip:a SIP/2.0\r\nX: \"\\\0\"\r\n\r\n"s).has_value());
}

TEST_CASE("a Content-Length that is no number, or two that differ, is known to be broken") {
  const auto state = [](const std::string& lines) {
    const auto text = "OPTIONS sip:a SIP/2.0\r\n" + lines + "\r\n";
    return pre_scan(text).value().length_state;
  };
  CHECK(state("X: y\r\n") == sip::content_length::absent);
  CHECK(state("Content-Length: 7\r\nl: 7\r\n") == sip::content_length::present);
  CHECK(state("Content-Length: 70000\r\n") == sip::content_length::present);
  CHECK(state("Content-Length: 7\r\nl: 8\r\n") == sip::content_length::broken);
  for (const auto* bad : {"-1", "+1", "1 2", "99999999999999999999", ""})
    CHECK(state("Content-Length: "s + bad + "\r\n") == sip::content_length::broken);
}

TEST_CASE("names are known in their long and their compact form, without case") {
  CHECK(sip::field_of("v") == sip::field::via);
  CHECK(sip::field_of("VIA") == sip::field::via);
  CHECK(sip::field_of("viaa") == sip::field::other);
  CHECK(sip::long_name("S") == "Subject");
  CHECK(sip::long_name("Subject") == "Subject");
}

}  // namespace pre_scan_test

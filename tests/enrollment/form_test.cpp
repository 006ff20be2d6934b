#include "../../src/enrollment/form.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"

namespace form_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

const std::string multipart = "multipart/form-data; boundary=XyZ";
const std::string urlencoded = "application/x-www-form-urlencoded";

std::string part(const std::string& name, const std::string& value) {
  return "--XyZ\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
}

std::string refused(const std::string& type, const std::string& body) {
  const auto f = parse_form(type, body);
  REQUIRE_FALSE(f);
  CHECK(f.error() == core::errc::malformed);
  return f.error().detail();
}

}  // namespace

TEST_CASE("a multipart form gives its fields byte for byte") {
  const auto f = parse_form(
      multipart, part("username", "alice@example.com") + part("password", " p\xc3\xa4ss\r\nword\0" + std::string(1, '\0')) + "--XyZ--\r\n");
  REQUIRE(f);
  CHECK(f->size() == 2);
  CHECK(f->at("username") == "alice@example.com");
  CHECK(f->at("password").starts_with(" p\xc3\xa4ss\r\nword"));
}

TEST_CASE("a form that is printed is parsed to the same, whatever bytes it holds") {
  form fields{{"csr", std::string("0\x82\x01\r\n--\0\xff", 8)}, {"empty", ""}, {"password", "--XyZ"}};
  const auto f = parse_form("multipart/form-data; boundary=\"a b\"", print_multipart(fields, "a b"));
  REQUIRE(f);
  CHECK(*f == fields);
}

TEST_CASE("the boundary's text inside of a value does not end it without its line break") {
  const auto f = parse_form(multipart, part("a", "x--XyZ--y\r\n-XyZ") + "--XyZ--");
  REQUIRE(f);
  CHECK(f->at("a") == "x--XyZ--y\r\n-XyZ");
}

TEST_CASE("header names and the type are read in any case, a quoted boundary too, other headers are passed over") {
  const std::string body =
      "--XyZ\r\ncontent-type: application/pkcs10\r\nX-Other: 1\r\nCONTENT-DISPOSITION: Form-Data; filename=\"a\\\"b.csr\"; "
      "name=csr\r\n\r\nDER\r\n--XyZ--\r\n";
  const auto f = parse_form("Multipart/Form-Data; charset=utf-8; Boundary=\"XyZ\"", body);
  REQUIRE(f);
  CHECK(f->at("csr") == "DER");
}

TEST_CASE("a multipart form without a proper boundary is refused") {
  CHECK(refused("multipart/form-data", "") == "multipart/form-data without a proper boundary");
  CHECK(refused("multipart/form-data; boundary=", "") != "");
  CHECK(refused("multipart/form-data; boundary=\"\"", "--\r\n") == "multipart/form-data without a proper boundary");
  CHECK(refused("multipart/form-data; boundary=\"a\r\nb\"", "") == "multipart/form-data without a proper boundary");
  CHECK(refused("multipart/form-data; boundary=" + std::string(71, 'a'), "") == "multipart/form-data without a proper boundary");
  CHECK(refused("multipart/form-data; boundary=a; boundary=b", "--a--") != "");
}

TEST_CASE("broken multipart bodies are refused, each for its reason") {
  CHECK(refused(multipart, "") == "a body that does not begin with its boundary");
  CHECK(refused(multipart, "preamble\r\n" + part("a", "1") + "--XyZ--") == "a body that does not begin with its boundary");
  CHECK(refused(multipart, part("a", "1")) == "a body without its closing boundary");
  CHECK(refused(multipart, part("a", "1") + "--XyZ") == "a boundary with something after it");
  CHECK(refused(multipart, part("a", "1") + "--XyZ-- epilogue") == "a boundary with something after it");
  CHECK(refused(multipart, part("a", "1") + part("a", "2") + "--XyZ--") == "a form field twice");
  CHECK(refused(multipart, part("", "1") + "--XyZ--") == "a form field without a name");
  CHECK(refused(multipart, "--XyZ\r\n\r\nvalue\r\n--XyZ--") == "a form field without a name");
  CHECK(refused(multipart, "--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--XyZ--") ==
        "a part that is not form-data with one name");
  CHECK(refused(multipart, "--XyZ\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XyZ--") == "a part that is not form-data with one name");
  CHECK(refused(multipart, "--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--XyZ--") ==
        "a part that is not form-data with one name");
  CHECK(refused(multipart, "--XyZ\r\nno colon\r\n\r\n1\r\n--XyZ--") == "a part's header without a colon");
  CHECK(refused(multipart, "--XyZ\r\nContent-Disposition: form-data; name=a") == "a part's header without an end");
  CHECK(refused(multipart, "--XyZ\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n--XyZ--") ==
        "a part encoded for transfer");
}

TEST_CASE("two dispositions in one part are refused, for they could name it differently") {
  const std::string twice = "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n";
  CHECK(refused(multipart, "--XyZ\r\n" + twice + "\r\n1\r\n--XyZ--") == "a part that is not form-data with one name");
}

TEST_CASE("a form is bounded in bytes, fields and headers") {
  CHECK(refused(multipart, std::string(64 * 1024 + 1, 'x')) == "a form over 64 KiB");
  std::string many;
  for (int i = 0; i < 17; ++i) many += part("f" + std::to_string(i), "1");
  CHECK(refused(multipart, many + "--XyZ--") == "too many form fields");
  std::string headers;
  for (int i = 0; i < 9; ++i) headers += "X-" + std::to_string(i) + ": 1\r\n";
  CHECK(refused(multipart, "--XyZ\r\n" + headers + "Content-Disposition: form-data; name=a\r\n\r\n1\r\n--XyZ--") ==
        "a part with too many headers");
}

TEST_CASE("an urlencoded form is decoded") {
  const auto f = parse_form(urlencoded + "; charset=utf-8", "username=alice%40example.com&password=a+b%2Bc%26&empty=");
  REQUIRE(f);
  CHECK(f->at("username") == "alice@example.com");
  CHECK(f->at("password") == "a b+c&");
  CHECK(f->at("empty").empty());
}

TEST_CASE("broken urlencoded forms are refused") {
  CHECK(refused(urlencoded, "a=%4") == "a broken %-escape");
  CHECK(refused(urlencoded, "a=%") == "a broken %-escape");
  CHECK(refused(urlencoded, "a=%g0") == "a broken %-escape");
  CHECK(refused(urlencoded, "a") == "a form field without '='");
  CHECK(refused(urlencoded, "a=1&&b=2") == "a form field without '='");
  CHECK(refused(urlencoded, "a=1&%61=2") == "a form field twice");
  CHECK(refused(urlencoded, "=1") == "a form field without a name");
}

TEST_CASE("a form of another type, or of none, is refused") {
  for (const char* type :
       {"", "text/plain", "application/json", "multipart/mixed; boundary=XyZ", ";", "multipart/form-data boundary=XyZ"}) {
    CHECK_FALSE(parse_form(type, "a=1"));
  }
}

}  // namespace form_test

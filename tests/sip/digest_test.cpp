#include "sip/digest.hpp"

#include <doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "phyllo/sip/errc.hpp"

namespace digest_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

credentials header(std::vector<std::pair<std::string_view, std::string_view>> parameters) {
  credentials c;
  c.scheme = "Digest";
  c.parameters = std::move(parameters);
  return c;
}

digest_credentials of_vector(const nlohmann::json& v) {
  digest_credentials c;
  c.username = v["username"];
  c.realm = v["realm"];
  c.nonce = v["nonce"];
  c.uri = v["uri"];
  c.response = v.value("recomputed_response", v["response"]);
  c.cnonce = v["cnonce"];
  c.qop = v["qop"];
  c.algorithm = v["algorithm"];
  c.nc = v["nc"];
  return c;
}

std::string ha1_of(const nlohmann::json& v, digest_algorithm a) {
  return digest_hash(a, v["username"].get<std::string>() + ":" + v["realm"].get<std::string>() + ":" + v["password"].get<std::string>());
}

const std::vector<std::pair<std::string_view, std::string_view>> whole = {
    {"username", "\"al\\\"ice\""}, {"realm", "\"example.com\""}, {"nonce", "\"abc\""},    {"uri", "\"sip:example.com\""},
    {"response", "\"00\""},        {"algorithm", "sha-256"},     {"qop", "auth"},         {"nc", "0000000a"},
    {"cnonce", "\"x\\\"y\""},      {"opaque", "\"o\""},          {"brand-new", "\"42\""},
};

}  // namespace

TEST_CASE("digest responses are those of the published vectors, for the algorithms that we speak") {
  std::ifstream file(std::string(PHYLLO_SIP_VECTORS) + "/digest.json");
  const auto vectors = nlohmann::json::parse(file);
  int checked = 0;
  for (const auto& v : vectors) {
    const auto algorithm = parse_digest_algorithm(v["algorithm"].get<std::string>());
    if (!algorithm) continue;
    CAPTURE(v["src"].get<std::string>());
    const auto c = of_vector(v);
    const auto ha1 = ha1_of(v, *algorithm);
    CHECK(digest_response(c, *algorithm, ha1, v["method"].get<std::string>()).value() == c.response);
    CHECK(digest_matches(c, *algorithm, ha1, v["method"].get<std::string>()));
    CHECK_FALSE(digest_matches(c, *algorithm, ha1, "OPTIONS"));
    ++checked;
  }
  CHECK(checked == 3);
}

TEST_CASE("a response without qop is that of RFC 2069") {
  digest_credentials c;
  c.nonce = "n";
  c.uri = "sip:b";
  const auto ha1 = digest_hash(digest_algorithm::md5, "a:r:p");
  const auto ha2 = digest_hash(digest_algorithm::md5, "REGISTER:sip:b");
  CHECK(digest_response(c, digest_algorithm::md5, ha1, "REGISTER").value() == digest_hash(digest_algorithm::md5, ha1 + ":n:" + ha2));
  CHECK(c.count() == 1);
}

TEST_CASE("auth-int is not spoken") {
  digest_credentials c;
  c.qop = "auth-int";
  CHECK(digest_response(c, digest_algorithm::md5, "00", "INVITE").error() == sip::errc::malformed);
}

TEST_CASE("credentials come without quotes, the username without its quoted pairs") {
  const auto c = digest_credentials::from(header(whole)).value();
  CHECK(c.username == "al\"ice");
  CHECK(c.realm == "example.com");
  CHECK(c.cnonce == "x\\\"y");
  CHECK(c.algorithm == "sha-256");
  CHECK(c.count() == 10);
}

TEST_CASE("credentials need their five parameters, once each") {
  for (std::size_t i = 0; i < 5; ++i) {
    auto some = whole;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(digest_credentials::from(header(some)).error() == sip::errc::malformed);
  }
  auto twice = whole;
  twice.emplace_back("NONCE", "\"def\"");
  CHECK(digest_credentials::from(header(twice)).error() == sip::errc::malformed);
  auto basic = header(whole);
  basic.scheme = "Basic";
  CHECK(digest_credentials::from(basic).error() == sip::errc::malformed);
}

TEST_CASE("a nonce count that is no number counts for nothing") {
  digest_credentials c;
  c.qop = "auth";
  for (const auto* nc : {"", "xyz", "1 ", "100000000"}) {
    c.nc = nc;
    CHECK(c.count() == 0);
  }
}

TEST_CASE("the algorithms of -sess and of others are refused") {
  CHECK_FALSE(parse_digest_algorithm("MD5-sess"));
  CHECK_FALSE(parse_digest_algorithm("SHA-512-256"));
  CHECK_FALSE(parse_digest_algorithm(""));
  CHECK(parse_digest_algorithm("md5").value() == digest_algorithm::md5);
}

TEST_CASE("a challenge names realm, nonce, opaque, algorithm and qop, and stale only when it is") {
  digest_challenge c{.realm = "example.com", .nonce = "n", .opaque = "o", .algorithm = digest_algorithm::sha256};
  CHECK(c.text() == R"(Digest realm="example.com", nonce="n", opaque="o", algorithm=SHA-256, qop="auth")");
  c.stale = true;
  CHECK(c.text().find("stale=true") != std::string::npos);
}

TEST_CASE("a digest URI is compared as a URI, and the server's own names pass in any of the forms phones use") {
  const std::vector<std::string> own = {"example.com", "127.0.1.1"};
  const std::string request = "sip:bob@example.org:5080;transport=tcp";
  CHECK(digest_uri_acceptable("sip:bob@EXAMPLE.org:5080", request, own));
  CHECK(digest_uri_acceptable("sip:example.com", request, own));
  CHECK(digest_uri_acceptable("sip:sip:example.com", request, own));
  CHECK(digest_uri_acceptable("sip:127.0.1.1:5060", request, own));
  CHECK(digest_uri_acceptable("example.com", request, own));
  CHECK(digest_uri_acceptable("<sip:alice@example.com;transport=udp>", request, own));
  CHECK_FALSE(digest_uri_acceptable("sip:carol@example.org:5080", request, own));
  CHECK_FALSE(digest_uri_acceptable("sip:bob@example.org", request, own));
  CHECK_FALSE(digest_uri_acceptable("sip:elsewhere.example", request, own));
  CHECK_FALSE(digest_uri_acceptable("", request, own));
}

}  // namespace digest_test

#include "digest_answer.hpp"

#include <doctest.h>

#include <array>

namespace digest_answer_test {

using namespace phyllo::load;

namespace {

// RFC 7616 s.3.9.1.
const std::string sha256 =
    R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
const std::string md5 =
    R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
const digest_request mufasa{"Mufasa", "Circle of Life", "GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};

std::string answer_to(std::string_view challenge, const digest_request& r, bool proxy = false) {
  std::string out;
  append_authorization(out, proxy, digest_offer::read(challenge).value(), r);
  return out;
}

}  // namespace

TEST_CASE("the answers are those of RFC 7616 s.3.9.1") {
  CHECK(answer_to(sha256, mufasa).find(R"(response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")") !=
        std::string::npos);
  CHECK(answer_to(md5, mufasa).find(R"(response="8ca523f5e9506fed4657c9700eebdbec")") != std::string::npos);
}

TEST_CASE("the answer without qop is that of RFC 2617's example, and has no nc") {
  const digest_request r{"Mufasa", "Circle Of Life", "GET", "/dir/index.html", "x"};
  const auto text = answer_to(R"(Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")", r);
  CHECK(text.find(R"(response="670fd8c2df070c60b045671b8b24ff02")") != std::string::npos);
  CHECK(text.find("nc=") == std::string::npos);
}

TEST_CASE("SHA-256 is answered where it is offered, and what is allowed where one is named") {
  const std::array<std::string_view, 3> offers = {md5, sha256, "Basic realm=x"};
  CHECK(digest_offer::best(offers, digest_choice::any)->sha256);
  CHECK(digest_offer::best(offers, digest_choice::sha256)->sha256);
  CHECK_FALSE(digest_offer::best(offers, digest_choice::md5)->sha256);
  CHECK_FALSE(digest_offer::best(std::span(offers).first(1), digest_choice::sha256));
}

TEST_CASE("a proxy's challenge is answered in its own header") {
  CHECK(answer_to(md5, mufasa, true).starts_with("Proxy-Authorization: Digest username=\"Mufasa\""));
  CHECK(answer_to(md5, mufasa, false).starts_with("Authorization: Digest "));
}

TEST_CASE("what can not be answered is no offer") {
  for (const auto* text : {"", "Digest", "Basic x", "Digest realm=\"r\"", "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
                           "Digest realm=\"r\", nonce=\"n", "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""}) {
    CAPTURE(text);
    CHECK_FALSE(digest_offer::read(text));
  }
}

}  // namespace digest_answer_test

#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/transport/http.hpp"

namespace http_url_test {

using namespace phyllo;

TEST_CASE("URLs come apart") {
  const auto u = transport::url::parse("HTTPS://Login.example.com/a/b?c=d");
  REQUIRE(u.has_value());
  CHECK(u->scheme == "https");
  CHECK(u->host == "Login.example.com");
  CHECK(u->port == 443);
  CHECK(u->target == "/a/b?c=d");
  CHECK(transport::url::parse("http://[::1]:8080").value().host == "::1");
  CHECK(transport::url::parse("http://[::1]:8080").value().port == 8080);
  for (const auto* bad : {"", "example.com", "http://", "http://h:99999/"}) CHECK_FALSE(transport::url::parse(bad).has_value());
}

TEST_CASE("a URL has the port of its scheme, which is read without case, and a path") {
  CHECK(transport::url::parse("http://h").value().port == 80);
  CHECK(transport::url::parse("http://h").value().target == "/");
  CHECK(transport::url::parse("http://h?a=b").value().target == "/?a=b");
  CHECK(transport::url::parse("http://h/a#part").value().target == "/a");
  CHECK(transport::url::parse("https://h:8443/").value().port == 8443);
  CHECK(transport::url::parse("ftp://h/").value().port == 0);
  CHECK(transport::url::parse("nonsense").error() == core::errc::malformed);
  for (const auto* bad : {"//h/", "http:/h", "http://h:port/", "http://h:-1/", "http://a b/", "http://h/a\r\nx: y"})
    CHECK_MESSAGE(!transport::url::parse(bad), std::string(bad));
}

TEST_CASE("the path of a request is what stands before the question mark") {
  transport::http_request r;
  CHECK(r.path() == "/");
  r.target = "/a/b?c=/d?e";
  CHECK(r.path() == "/a/b");
  CHECK(r.query("c") == "/d?e");
}

TEST_CASE("a query is found by its decoded name, and its value decoded") {
  transport::http_request r;
  r.target = "/?a=1&b+c=x%20y+z&flag&%61b=%2b%zz%4&a=2&empty=";
  CHECK(r.query("a") == "1");
  CHECK(r.query("b c") == "x y z");
  CHECK(r.query("ab") == "+%zz%4");
  CHECK(r.query("flag") == "");
  CHECK(r.query("empty") == "");
  CHECK(r.query("none") == "");
  r.target = "/a";
  CHECK(r.query("a") == "");
}

}  // namespace http_url_test

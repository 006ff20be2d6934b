#include "identity/reload_uri.hpp"

#include <doctest.h>

namespace reload_uri_test {

using namespace phyllo;
using identity::reload_uri;

namespace {

const std::string digits = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("a node's URI names it and its overlay (RFC 6940 s.14.15)") {
  const auto u = reload_uri::parse("reload://0110" + digits + "@ring.example.com/");
  REQUIRE(u);
  CHECK(u->node.hex() == digits);
  CHECK(u->overlay == "ring.example.com");
  CHECK(u->text() == "reload://0110" + digits + "@ring.example.com/");
}

TEST_CASE("a URI of another type, length or form is refused") {
  const std::string good = "reload://0110" + digits + "@ring.example.com/";
  for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(reload_uri::parse(std::string_view(good).substr(0, n)));
  for (const auto& bad :
       {good + "x", good + "/", "reload://0210" + digits + "@ring/", "reload://0111" + digits + "@ring/",
        "RELOAD://0110" + digits + "@ring/", "reload://0110" + digits + "00@ring/", "reload://0110" + digits.substr(2) + "@ring/",
        "reload://0110" + digits + "0110" + digits + "@ring/", "reload://0110" + digits + "@/", "reload://0110" + digits + "@ring@two/",
        "reload://0110" + digits + "@ring two/", "reload://0110g" + digits.substr(1) + "@ring/", "reload://0110" + digits + "@ring/path/"})
    CHECK_MESSAGE(!reload_uri::parse(bad), bad);
}

}  // namespace reload_uri_test

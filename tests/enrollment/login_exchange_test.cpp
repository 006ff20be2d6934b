#include "../../src/enrollment/login_exchange.hpp"

#include <doctest.h>

#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace login_exchange_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

const core::wall_time today = core::from_unix_milliseconds(1'767'225'600'000);

identity::certificate issued(const identity::private_key& key, const std::string& user) {
  const auto ca = identity::authority::create("login.example.com", today);
  identity::node_id id;
  id.octets.fill(0x5a);
  const identity::authority::request r{id, user, "ring.example.com", {}, today, today + std::chrono::hours(1)};
  return ca.issue(r, key.native()).value();
}

core::error refused(int status, const std::string& body) { return refusal({status, {}, body}); }

}  // namespace

TEST_CASE("a form that is posted is read back by its own type") {
  const form fields{{"username", "alice@example.com"}, {"csr", std::string("0\x82\0\r\n--", 7)}};
  const auto r = form_post(fields, "application/pkix-cert");
  CHECK(r.method == "POST");
  CHECK(r.headers.at("accept") == "application/pkix-cert");
  CHECK(parse_form(r.headers.at("content-type"), r.body).value() == fields);
  CHECK(form_post(fields, "").headers.at("content-type") != r.headers.at("content-type"));  // nobody guesses the boundary
}

TEST_CASE("another path at the same server takes the place of the one in the URL") {
  CHECK(beside("https://login.example.com/a/b?c", "/x") == "https://login.example.com/x");
  CHECK(beside("https://login.example.com:8443", "/x") == "https://login.example.com:8443/x");
  CHECK(beside("https://[2001:db8::1]:8443/a", "/x") == "https://[2001:db8::1]:8443/x");
}

TEST_CASE("a refusal is what its first line says, with status 403 alone (RFC 6940 s.11.3)") {
  CHECK(refused(403, "failed_authentication\r\nmore") == errc::failed_authentication);
  CHECK(refused(403, "username_not_available") == errc::username_not_available);
  CHECK(refused(403, "Node-IDs_not_available\n") == errc::node_ids_not_available);
  CHECK(refused(403, "bad_CSR") == errc::bad_csr);
  CHECK(refused(403, "Bad_CSR") == errc::server_error);
  CHECK(refused(400, "bad_CSR") == errc::server_error);
  CHECK(refused(429, "") == errc::too_many_attempts);
  CHECK(refused(500, "") == errc::server_error);
}

TEST_CASE("what a server says stands in a log on one line, of a length, and without what a terminal would obey") {
  CHECK(refused(500, "out of \x1b[31mcheese\nsecond line").detail() == "status 500: out of ?[31mcheese");
  CHECK(refused(500, std::string(5000, 'x')).detail() == "status 500: " + std::string(200, 'x'));
  CHECK(refused(502, "").detail() == "status 502");
}

TEST_CASE("only a certificate for this key and this user is taken") {
  const auto key = identity::private_key::generate();
  const auto c = issued(key, "alice@example.com");
  const auto read = [&](int status, std::string body, const std::string& user) {
    return read_certificate({status, {}, std::move(body)}, key, user);
  };
  const std::string der(core::as_text(c.der()));
  REQUIRE(read(200, der, "alice@example.com"));
  CHECK(read(200, der, "alice@example.com")->certificate == c);
  CHECK(read(200, der, "bob@example.com").error() == errc::server_error);
  CHECK(read(200, std::string(core::as_text(issued(identity::private_key::generate(), "alice@example.com").der())), "alice@example.com")
            .error() == errc::server_error);
  CHECK(read(200, "<html>", "alice@example.com").error() == errc::server_error);
  CHECK(read(200, "", "alice@example.com").error() == errc::server_error);
  CHECK(read(403, "failed_authentication", "alice@example.com").error() == errc::failed_authentication);
}

}  // namespace login_exchange_test

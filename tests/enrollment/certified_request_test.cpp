#include "../../src/enrollment/certified_request.hpp"

#include <doctest.h>

#include "phyllo/core/errc.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace certified_request_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

const core::wall_time today = core::from_unix_milliseconds(1'767'225'600'000);
constexpr std::string_view path = "/.well-known/phyllo-renew";

identity::node_id numbered(std::uint8_t n) {
  identity::node_id id;
  id.octets.fill(n);
  return id;
}

identity::credential credential_of(const identity::authority& ca, std::uint8_t n, const std::string& overlay = "ring.example.com") {
  auto key = identity::private_key::generate();
  const identity::authority::request r{numbered(n), "node1@example.com",           overlay,
                                       {},          today - std::chrono::hours(1), today + std::chrono::hours(24)};
  auto c = ca.issue(r, key.native()).value();
  return {std::move(c), std::move(key)};
}

struct asked {
  identity::authority ca = identity::authority::create("login.example.com", today);
  identity::trust trust{"ring.example.com"};
  identity::credential node = credential_of(ca, 1);
  form f = certified_form(node, path, core::as_bytes("payload"), today);
  asked() { REQUIRE(trust.update({ca.certificate_der()}, {})); }
  [[nodiscard]] core::result<certified_request> read(core::wall_time now = today, std::string_view at = path) const {
    return certified_request::from_form(f, at, trust, now);
  }
};

}  // namespace

TEST_CASE("a request by certificate gives back its certificate and what it asks for") {
  const asked a;
  const auto r = a.read();
  REQUIRE(r);
  CHECK(r->certificate == a.node.certificate);
  CHECK(core::as_text(r->payload) == "payload");
}

TEST_CASE("a request is good for five minutes before and after its time, to the millisecond") {
  const asked a;
  CHECK(a.read(today + minutes(5)));
  CHECK(a.read(today - minutes(5)));
  CHECK(a.read(today + minutes(5) + milliseconds(1)).error() == errc::failed_authentication);
  CHECK(a.read(today - minutes(5) - milliseconds(1)).error() == errc::failed_authentication);
}

TEST_CASE("a request for one thing is none for another, and every change of what is signed is noticed") {
  asked a;
  CHECK(a.read(today, "/.well-known/phyllo-domain-keys").error() == errc::failed_authentication);
  a.f["payload"] = core::to_base64(core::as_bytes("pay1oad"));
  CHECK(a.read().error() == errc::failed_authentication);
  asked b;
  b.f["time_ms"] = std::to_string(core::unix_milliseconds(today) + 1);
  CHECK(b.read().error() == errc::failed_authentication);
  asked c;
  c.f["certificate"] = core::to_base64(credential_of(c.ca, 2).certificate.der());
  CHECK(c.read().error() == errc::failed_authentication);
}

TEST_CASE("fields that are missing or unreadable are malformed") {
  for (const auto* name : {"certificate", "time_ms", "payload", "signature"}) {
    asked a;
    a.f.erase(name);
    CHECK(a.read().error() == core::errc::malformed);
    for (const auto* bad : {"", "?", "-1", "99999999999999999999"}) {
      asked b;
      b.f[name] = bad;
      CHECK_FALSE(b.read());
    }
  }
  asked a;
  a.f["payload"] = core::to_base64(core::bytes(4097));
  CHECK(a.read().error() == core::errc::malformed);
  asked longer;
  auto signature = *core::from_base64(longer.f["signature"]);
  signature.push_back(0);
  longer.f["signature"] = core::to_base64(signature);
  CHECK(longer.read().error() == errc::failed_authentication);
}

TEST_CASE("strangers and nodes of other overlays ask for nothing; what a revocation means the accounts know better") {
  asked foreign;
  foreign.f = certified_form(credential_of(identity::authority::create("login.example.com", today), 1), path, core::as_bytes("x"), today);
  CHECK(foreign.read().error() == errc::failed_authentication);
  asked other;
  other.f = certified_form(credential_of(other.ca, 1, "other.example.com"), path, core::as_bytes("x"), today);
  CHECK(other.read().error() == errc::failed_authentication);
  asked revoked;
  REQUIRE(revoked.trust.update({revoked.ca.certificate_der()}, {numbered(1)}));
  CHECK(revoked.read());
  CHECK_FALSE(revoked.read(today + std::chrono::hours(25)));
}

}  // namespace certified_request_test

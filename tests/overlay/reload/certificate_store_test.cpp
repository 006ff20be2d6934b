#include "reload/certificate_store.hpp"

#include <doctest.h>

#include "identity/ring.hpp"
#include "support/node_ids.hpp"
#include "support/still_link.hpp"

namespace certificate_store_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::bare_certificate;

namespace {

// Keeps one certificate itself.
struct keeping_trust final : identity::trust {
  explicit keeping_trust(identity::certificate c) : trust(testing::overlay_name), own(std::move(c)) {}
  [[nodiscard]] const identity::certificate* kept(const identity::sha256_digest& fingerprint) const override {
    return own.fingerprint() == fingerprint ? &own : nullptr;
  }
  identity::certificate own;
};

identity::certificate of(std::size_t n) { return bare_certificate(testing::at(static_cast<std::uint16_t>(n), 1)); }

}  // namespace

TEST_CASE("a certificate that is kept is found by its fingerprint, and the longest kept gives way to a new one") {
  const identity::trust trust(testing::overlay_name);
  certificate_store store(trust);
  CHECK(store.find(of(0).fingerprint()) == nullptr);
  for (std::size_t i = 0; i < certificate_store::entries_max; ++i) store.keep(of(i));
  store.keep(of(0));  // it is no newer for that
  CHECK(store.find(of(0).fingerprint()) != nullptr);
  store.keep(of(certificate_store::entries_max));
  CHECK(store.find(of(0).fingerprint()) == nullptr);
  REQUIRE(store.find(of(1).fingerprint()) != nullptr);
  CHECK(store.find(of(1).fingerprint())->node() == of(1).node());
  CHECK(store.find(of(certificate_store::entries_max).fingerprint()) != nullptr);
}

TEST_CASE("what trust keeps itself is found there, and takes no room here") {
  const keeping_trust trust(of(7));
  certificate_store store(trust);
  CHECK(store.find(of(7).fingerprint()) == &trust.own);
  store.keep(trust.own);
  for (std::size_t i = 100; i < 100 + certificate_store::entries_max; ++i) store.keep(of(i));
  CHECK(store.find(of(100).fingerprint()) != nullptr);
}

TEST_CASE("of a message's certificates those that parse are given, in their order, and none is kept") {
  const auto ca = identity::authority::create("login.example.com", testing::today);
  const auto alice = testing::credential_for(ca, 1, "alice@example.com").certificate;
  const auto bob = testing::credential_for(ca, 2, "bob@example.com").certificate;
  const identity::trust trust(testing::overlay_name);
  certificate_store store(trust);
  store.keep(bob);
  const core::bytes garbage{0x30, 0x03, 1, 2, 3};
  const auto parsed = store.parse({alice.der(), garbage, bob.der()});
  REQUIRE(parsed.size() == 2);
  CHECK(parsed[0].user() == "alice@example.com");
  CHECK(parsed[1].user() == "bob@example.com");
  CHECK(store.find(alice.fingerprint()) == nullptr);
}

}  // namespace certificate_store_test

#include "pastry/signed_grant.hpp"

#include <doctest.h>

#include "identity/ring.hpp"
#include "phyllo/identity/errc.hpp"
#include "support/node_ids.hpp"

namespace signed_grant_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;

namespace {

struct scene {
  identity::authority ca = identity::authority::create("login.example.com", testing::today);
  identity::credential granter = testing::credential_for(ca, 1, "granter@example.com");
  identity::credential other = testing::credential_for(ca, 2, "other@example.com");
  grant_terms terms{.overlay = 7, .joiner = id(0x80), .incarnation = 9};
  signed_grant grant = signed_grant::make(granter, terms);
};

core::bytes written(const std::vector<signed_grant>& grants) {
  core::bytes out;
  core::wire_writer w(out);
  write_grants(w, grants);
  return out;
}

std::optional<std::vector<signed_grant>> read(core::byte_view bytes) {
  core::wire_reader r(bytes);
  auto grants = read_grants(r);
  if (!r.done()) return std::nullopt;
  return grants;
}

}  // namespace

TEST_CASE("a grant holds for this joiner, in this incarnation, in this overlay, of this granter") {
  const scene s;
  const auto holds = [&](grant_terms t) { return s.grant.verify(s.granter.certificate, t).has_value(); };
  CHECK(s.grant.granter == s.granter.certificate.node());
  CHECK(holds(s.terms));
  CHECK_FALSE(holds({.overlay = 8, .joiner = s.terms.joiner, .incarnation = 9}));
  CHECK_FALSE(holds({.overlay = 7, .joiner = id(0x81), .incarnation = 9}));
  CHECK_FALSE(holds({.overlay = 7, .joiner = s.terms.joiner, .incarnation = 10}));
  CHECK(s.grant.verify(s.other.certificate, s.terms).error() == identity::errc::unknown_signer);
  auto renamed = s.grant;  // as if the other had given it
  renamed.granter = s.other.certificate.node();
  CHECK_FALSE(renamed.verify(s.other.certificate, s.terms).has_value());
  auto spoilt = s.grant;
  spoilt.signature.value.back() ^= 1;
  CHECK(spoilt.verify(s.granter.certificate, s.terms).error() == identity::errc::bad_signature);
}

TEST_CASE("a grant of a new certificate for the same node does not verify by the old one") {
  const scene s;
  const auto renewed = testing::credential_for(s.ca, 1, "granter@example.com");
  CHECK_FALSE(s.grant.verify(renewed.certificate, s.terms).has_value());
  CHECK(signed_grant::make(renewed, s.terms).verify(renewed.certificate, s.terms).has_value());
}

TEST_CASE("grants read back as they were written, three at most") {
  const scene s;
  const auto bytes = written({s.grant, signed_grant::make(s.other, s.terms)});
  CHECK(bytes.size() == 2 + 2 * (16 + 105));
  const auto back = read(bytes);
  REQUIRE(back.has_value());
  REQUIRE(back->size() == 2);
  CHECK(back->front() == s.grant);
  CHECK(back->front().verify(s.granter.certificate, s.terms).has_value());
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(read(core::byte_view(bytes).first(n)).has_value());
  CHECK(read(written(std::vector(grants_max, s.grant)))->size() == grants_max);
  CHECK_FALSE(read(written(std::vector(grants_max + 1, s.grant))).has_value());
  CHECK(read(written({}))->empty());
}

TEST_CASE("a granter whose Node-ID is never issued is refused") {
  const scene s;
  auto nobody = s.grant;
  nobody.granter = {};
  CHECK_FALSE(read(written({nobody})).has_value());
  auto bytes = written({s.grant});
  --bytes[1];  // the list ends within the signature
  bytes.pop_back();
  CHECK_FALSE(read(bytes).has_value());
}

}  // namespace signed_grant_test

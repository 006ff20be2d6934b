#include "phyllo/identity/signature.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace signature_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

core::bytes written(const signature& s) {
  core::bytes out;
  core::wire_writer w(out);
  s.write(w);
  return out;
}

core::result<signature> parsed(core::byte_view data) {
  core::wire_reader r(data);
  auto s = signature::read(r);
  if (!r.done()) return core::fail(core::errc::malformed);
  return s;
}

// A signature of another algorithm than ours, by `key` whose certificate is `c`.
signature foreign(const certificate& c, EVP_PKEY* key, std::uint8_t algorithm, core::byte_view data) {
  signature s;
  s.hash = 4;
  s.algorithm = algorithm;
  s.identity_value = {4, 32};
  core::append(s.identity_value, c.fingerprint());
  core::bytes input = core::to_bytes(data);
  core::wire_writer w(input);
  w.u8(s.identity_type);
  w.opaque(2, s.identity_value);
  s.value = sign_with(key, EVP_sha256(), input);
  return s;
}

certificate certified(EVP_PKEY* key) {
  return certificate::from_der(forged(key, [](X509* x) { add_san(x, {{6, uri_of(1)}, {1, "alice@example.com"}}); })).value();
}

}  // namespace

TEST_CASE("a signature has 105 bytes: 08 07, the identity, 00 40, and 64 bytes") {
  const auto ca = authority::create("login.example.com", today);
  const auto alice = credential_for(ca, 1, "alice@example.com");
  const auto data = written(sign(alice, {core::as_bytes("payload")}));
  REQUIRE(data.size() == 105);
  CHECK(core::to_hex(core::byte_view(data).first(7)) == "08070100220420");
  CHECK(core::equal(core::byte_view(data).subspan(7, 32), alice.certificate.fingerprint()));
  CHECK(core::to_hex(core::byte_view(data).subspan(39, 2)) == "0040");
}

TEST_CASE("what is signed is the parts and then the signer's identity") {
  const auto ca = authority::create("login.example.com", today);
  const auto alice = credential_for(ca, 1, "alice@example.com");
  const auto s = sign(alice, {core::as_bytes("pay"), core::as_bytes("load")});
  auto input = core::to_bytes("payload");
  core::append(input, core::byte_view(written(s)).subspan(2, 37));
  CHECK(s.value == alice.key.sign(input));
  CHECK(verify(s, alice.certificate, {core::as_bytes("payload")}));
  CHECK(verify(s, alice.certificate, {core::as_bytes("p"), core::as_bytes(""), core::as_bytes("ayload")}));
}

TEST_CASE("a signature fails with any one bit of any byte flipped") {
  const auto ca = authority::create("login.example.com", today);
  const auto alice = credential_for(ca, 1, "alice@example.com");
  const auto good = written(sign(alice, {core::as_bytes("payload")}));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto s = parsed(bad);
    CHECK_FALSE((s && verify(*s, alice.certificate, {core::as_bytes("payload")})));
  }
}

TEST_CASE("a signature fails over other data, and names why") {
  const auto ca = authority::create("login.example.com", today);
  const auto alice = credential_for(ca, 1, "alice@example.com");
  const auto bob = credential_for(ca, 2, "bob@example.com");
  auto s = sign(alice, {core::as_bytes("payload")});
  CHECK(verify(s, alice.certificate, {core::as_bytes("Payload")}).error() == errc::bad_signature);
  CHECK(verify(s, alice.certificate, {}).error() == errc::bad_signature);
  CHECK(verify(s, bob.certificate, {core::as_bytes("payload")}).error() == errc::unknown_signer);
  s.algorithm = 1;
  CHECK(verify(s, alice.certificate, {core::as_bytes("payload")}).error() == errc::unsupported_algorithm);
}

TEST_CASE("a signature made for one's certificate with another's key does not verify") {
  const auto ca = authority::create("login.example.com", today);
  const auto alice = credential_for(ca, 1, "alice@example.com");
  const credential thief{alice.certificate, private_key::generate()};
  CHECK(verify(sign(thief, {core::as_bytes("x")}), alice.certificate, {core::as_bytes("x")}).error() == errc::bad_signature);
}

TEST_CASE("other identities than the certificate's SHA-256 name nobody") {
  const auto ca = authority::create("login.example.com", today);
  const auto alice = credential_for(ca, 1, "alice@example.com");
  auto s = sign(alice, {core::as_bytes("x")});
  REQUIRE(s.certificate_hash() != nullptr);
  for (const auto type : std::to_array<std::uint8_t>({0, 2, 3, 255})) {
    auto other = s;
    other.identity_type = type;
    CHECK(other.certificate_hash() == nullptr);
    CHECK(verify(other, alice.certificate, {core::as_bytes("x")}).error() == errc::unknown_signer);
  }
  s.identity_value.pop_back();
  CHECK(s.certificate_hash() == nullptr);
}

TEST_CASE("RSA PKCS#1 signatures with SHA-256 verify, as every implementation must") {
  const auto key = rsa_key();
  const auto c = certified(key.get());
  auto s = foreign(c, key.get(), 1, core::as_bytes("payload"));
  CHECK(verify(s, c, {core::as_bytes("payload")}));
  CHECK(verify(s, c, {core::as_bytes("paiload")}).error() == errc::bad_signature);
  s.value[10] ^= 1;
  CHECK(verify(s, c, {core::as_bytes("payload")}).error() == errc::bad_signature);
}

TEST_CASE("ECDSA signatures with P-256 and SHA-256 verify") {
  const auto key = ec_key();
  const auto c = certified(key.get());
  auto s = foreign(c, key.get(), 3, core::as_bytes("payload"));
  CHECK(verify(s, c, {core::as_bytes("payload")}));
  CHECK(verify(s, c, {core::as_bytes("paiload")}).error() == errc::bad_signature);
  s.value.pop_back();
  CHECK(verify(s, c, {core::as_bytes("payload")}).error() == errc::bad_signature);
  s.algorithm = 1;
  CHECK(verify(s, c, {core::as_bytes("payload")}).error() == errc::unsupported_algorithm);
}

TEST_CASE("a truncated signature does not read") {
  const auto ca = authority::create("login.example.com", today);
  const auto data = written(sign(credential_for(ca, 1, "alice@example.com"), {}));
  for (std::size_t size = 0; size < data.size(); ++size) CHECK_FALSE(parsed(core::byte_view(data).first(size)));
}

}  // namespace signature_test

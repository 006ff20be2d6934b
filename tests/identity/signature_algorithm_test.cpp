#include "identity/signature_algorithm.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/key.hpp"

namespace signature_algorithm_test {

using namespace phyllo;
using namespace phyllo::identity;
using namespace phyllo::testing;

namespace {

const core::bytes text = core::to_bytes("what is signed");

}  // namespace

TEST_CASE("Ed25519, P-256 and RSA from 2048 bits are keys of an overlay, others are not") {
  CHECK(acceptable_key(private_key::generate().native()));
  CHECK(acceptable_key(ec_key().get()));
  CHECK(acceptable_key(rsa_key(2048).get()));
  CHECK_FALSE(acceptable_key(rsa_key(1024).get()));
  CHECK_FALSE(acceptable_key(ec_key(NID_secp384r1).get()));
  CHECK_FALSE(acceptable_key(nullptr));
}

TEST_CASE("each pair of hash and signature verifies with its own kind of key, and a changed text or value does not") {
  struct pair {
    std::uint8_t hash;
    std::uint8_t algorithm;
    EVP_PKEY* key;
    const EVP_MD* digest;
  };
  const auto ed = private_key::generate();
  const auto rsa = rsa_key();
  const auto ec = ec_key();
  const pair pairs[] = {{8, 7, ed.native(), nullptr}, {4, 1, rsa.get(), EVP_sha256()}, {4, 3, ec.get(), EVP_sha256()}};
  for (const auto& p : pairs) {
    const auto value = sign_with(p.key, p.digest, text);
    CHECK(verify_by(p.key, p.hash, p.algorithm, text, value));
    CHECK(verify_by(p.key, p.hash, p.algorithm, core::as_bytes("another text"), value).error() == errc::bad_signature);
    CHECK(verify_by(p.key, p.hash, p.algorithm, text, {}).error() == errc::bad_signature);
    auto changed = value;
    changed.back() ^= 1;
    CHECK(verify_by(p.key, p.hash, p.algorithm, text, changed).error() == errc::bad_signature);
    for (const auto& other : pairs) {
      if (other.key != p.key) CHECK(verify_by(other.key, p.hash, p.algorithm, text, value).error() == errc::unsupported_algorithm);
    }
  }
}

TEST_CASE("pairs that nobody has agreed on are unsupported, SHA-1 and none among them") {
  const auto ed = private_key::generate();
  for (const auto& [hash, algorithm] : {std::pair<std::uint8_t, std::uint8_t>(2, 1), std::pair<std::uint8_t, std::uint8_t>(0, 0),
                                        std::pair<std::uint8_t, std::uint8_t>(8, 8), std::pair<std::uint8_t, std::uint8_t>(4, 7)})
    CHECK(verify_by(ed.native(), hash, algorithm, text, {}).error() == errc::unsupported_algorithm);
}

}  // namespace signature_algorithm_test

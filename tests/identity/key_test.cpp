#include "phyllo/identity/key.hpp"

#include "forge.hpp"
#include "phyllo/identity/errc.hpp"

namespace key_test {

using namespace phyllo;
using namespace phyllo::identity;

TEST_CASE("a key survives its PEM and signs the same") {
  const auto key = private_key::generate();
  const auto again = private_key::from_pem(key.pem());
  REQUIRE(again);
  CHECK(key.sign(core::as_bytes("data")) == again->sign(core::as_bytes("data")));
  CHECK(key.sign(core::as_bytes("data")).size() == 64);
}

TEST_CASE("two generated keys differ") { CHECK(private_key::generate().pem() != private_key::generate().pem()); }

TEST_CASE("RFC 8032's first test key signs the empty message as published") {
  const auto seed = *core::from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const private_key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  CHECK(core::to_hex(key.sign({})) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST_CASE("text without a key, a truncated key and a key of another kind are malformed") {
  const auto pem = private_key::generate().pem();
  CHECK(private_key::from_pem("").error() == errc::malformed_key);
  CHECK(private_key::from_pem("no key").error() == errc::malformed_key);
  CHECK(private_key::from_pem(pem.substr(0, pem.size() / 2)).error() == errc::malformed_key);

  const auto other = testing::ec_key();
  const bssl::UniquePtr<BIO> out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), other.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  REQUIRE(BIO_mem_contents(out.get(), &data, &size) == 1);
  CHECK(private_key::from_pem(core::as_text({data, size})).error().message() == "malformed key: not an Ed25519 key");
}

TEST_CASE("an encrypted key is refused instead of asking for a password") {
  char password[] = "pass";
  const auto key = private_key::generate();
  const bssl::UniquePtr<BIO> out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), key.native(), EVP_aes_128_cbc(), password, 4, nullptr, nullptr) == 1);
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  REQUIRE(BIO_mem_contents(out.get(), &data, &size) == 1);
  CHECK(private_key::from_pem(core::as_text({data, size})).error() == errc::malformed_key);
}

}  // namespace key_test

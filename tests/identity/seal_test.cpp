#include "phyllo/identity/seal.hpp"

#include <doctest.h>

#include "phyllo/identity/errc.hpp"

namespace seal_test {

using namespace phyllo;
using namespace phyllo::identity;

TEST_CASE("what is sealed to a key its owner opens") {
  const auto key = generate_seal_key();
  REQUIRE(key.private_key.size() == 32);
  REQUIRE(key.public_key.size() == 32);
  const auto sealed = seal(key.public_key, core::as_bytes("alice"), core::as_bytes("secret"));
  REQUIRE(sealed);
  CHECK(sealed->size() == 32 + 6 + 16);  // enc, text, tag
  CHECK(core::as_text(open(key, core::as_bytes("alice"), *sealed).value()) == "secret");
}

TEST_CASE("nothing can be sealed and opened too") {
  const auto key = generate_seal_key();
  const auto sealed = seal(key.public_key, {}, {});
  CHECK(open(key, {}, sealed.value()).value().empty());
}

TEST_CASE("two sealings of one text differ") {
  const auto key = generate_seal_key();
  CHECK(seal(key.public_key, {}, core::as_bytes("x")).value() != seal(key.public_key, {}, core::as_bytes("x")).value());
}

TEST_CASE("another key and another context open nothing") {
  const auto key = generate_seal_key();
  const auto sealed = seal(key.public_key, core::as_bytes("alice"), core::as_bytes("secret")).value();
  CHECK(open(generate_seal_key(), core::as_bytes("alice"), sealed).error() == errc::not_sealed_for_us);
  CHECK(open(key, core::as_bytes("bob"), sealed).error() == errc::not_sealed_for_us);
}

TEST_CASE("every altered and every missing byte is noticed") {
  const auto key = generate_seal_key();
  const auto sealed = seal(key.public_key, {}, core::as_bytes("secret")).value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto bad = sealed;
    bad[i] ^= 1;
    CHECK(open(key, {}, bad).error() == errc::not_sealed_for_us);
    CHECK(open(key, {}, core::byte_view(sealed).first(i)).error() == errc::not_sealed_for_us);
  }
}

TEST_CASE("keys that are no X25519 keys are named as such") {
  const auto key = generate_seal_key();
  CHECK(seal(core::bytes(31), {}, {}).error() == errc::malformed_key);
  CHECK(seal(core::bytes(32), {}, {}).error() == errc::malformed_key);  // the neutral element: no secret can be shared with it
  CHECK(open({core::bytes(31), key.public_key}, {}, core::bytes(48)).error() == errc::malformed_key);
}

}  // namespace seal_test

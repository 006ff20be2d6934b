#include "phyllo/identity/token_key.hpp"

#include <doctest.h>

namespace token_key_test {

using namespace phyllo;
using identity::token_key;

namespace {

const token_key key(identity::sha256(core::as_bytes("secret")));

}  // namespace

TEST_CASE("what is sealed opens with the same secret and context, and is 16 octets longer") {
  for (std::size_t size = 0; size < 70; ++size) {
    const core::bytes plain(size, 0x5a);
    const auto sealed = key.seal(core::as_bytes("context"), plain);
    CHECK(sealed.size() == size + token_key::overhead);
    CHECK(key.open(core::as_bytes("context"), sealed) == plain);
    CHECK(token_key(identity::sha256(core::as_bytes("secret"))).open(core::as_bytes("context"), sealed) == plain);
  }
}

TEST_CASE("another secret, another context, and any change open nothing") {
  const auto sealed = key.seal(core::as_bytes("context"), core::as_bytes("plain"));
  CHECK_FALSE(token_key(identity::sha256(core::as_bytes("Secret"))).open(core::as_bytes("context"), sealed));
  CHECK_FALSE(key.open(core::as_bytes("contexts"), sealed));
  CHECK_FALSE(key.open({}, sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= 1;
    CHECK_FALSE(key.open(core::as_bytes("context"), changed));
    CHECK_FALSE(key.open(core::as_bytes("context"), core::byte_view(sealed).first(i)));
  }
}

TEST_CASE("sealing is deterministic, and nothing of equal beginnings shows (RFC 8452)") {
  const auto once = key.seal({}, core::as_bytes("the same beginning, then 1"));
  CHECK(key.seal({}, core::as_bytes("the same beginning, then 1")) == once);
  const auto other = key.seal({}, core::as_bytes("the same beginning, then 2"));
  CHECK_FALSE(core::equal(core::byte_view(once).first(8), core::byte_view(other).first(8)));
}

TEST_CASE("a copy seals as its original") {
  const auto copy = key;  // NOLINT: that is what is tested
  CHECK(copy.seal({}, core::as_bytes("x")) == key.seal({}, core::as_bytes("x")));
}

}  // namespace token_key_test

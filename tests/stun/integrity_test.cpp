#include "phyllo/stun/integrity.hpp"

#include <doctest.h>

#include "vectors.hpp"

namespace stun_integrity_test {

using namespace phyllo;

TEST_CASE("RFC 5769 s.2.1: integrity and fingerprint of what stands before them") {
  const auto v = stun_vectors::all().front();
  const auto octets = v.octets();
  const auto before_fingerprint = core::byte_view(octets).first(octets.size() - 8);
  CHECK(stun::fingerprint_of(before_fingerprint) == 0xe57a3bcf);
  const auto before_integrity = before_fingerprint.first(before_fingerprint.size() - 24);
  CHECK(core::to_hex(stun::integrity_of(before_integrity, v.key())) == "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2");
}

TEST_CASE("RFC 8489 B.1: the length that a MESSAGE-INTEGRITY-SHA256 covers is that of a message which ends with it") {
  const auto v = stun_vectors::all().back();
  const auto octets = v.octets();
  const auto before = core::byte_view(octets).first(octets.size() - 36);
  CHECK(core::to_hex(stun::integrity_sha256_of(before, v.key(), 32)) == "b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");
  CHECK(stun::integrity_sha256_of(before, v.key(), 16) != stun::integrity_sha256_of(before, v.key(), 32));
}

}  // namespace stun_integrity_test

#include "phyllo/core/keyed_hash.hpp"

#include <doctest.h>

#include <numeric>
#include <set>

#include "support/simulated_world.hpp"

namespace keyed_hash_test {

using namespace phyllo;

namespace {

const core::hash_key authors_key{.first = 0x0706050403020100, .second = 0x0f0e0d0c0b0a0908};

}  // namespace

TEST_CASE("the keyed hash gives the value that its authors publish") {
  // Aumasson and Bernstein, "SipHash: a fast short-input PRF", appendix A: key 00 .. 0f, message 00 .. 0e.
  const core::hash_key key{.first = 0x0706050403020100, .second = 0x0f0e0d0c0b0a0908};
  core::bytes message(15);
  std::iota(message.begin(), message.end(), std::uint8_t{0});
  CHECK(core::keyed_hash(key, core::byte_view(message)) == 0xa129ca6149be45e5);
}

TEST_CASE("messages of 0 to 7 octets hash to the first of the authors' test vectors") {
  // vectors_sip64 of the reference implementation, as numbers: message 00 .. n-1.
  constexpr std::array<std::uint64_t, 8> expected{0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
                                                  0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137};
  core::bytes message;
  for (std::size_t n = 0; n < expected.size(); ++n) {
    CHECK(core::keyed_hash(authors_key, core::byte_view(message)) == expected.at(n));
    message.push_back(static_cast<std::uint8_t>(n));
  }
}

TEST_CASE("a number hashes as its octets, the lowest first, and a text as its own") {
  core::bytes octets(8);
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(i + 1);
  CHECK(core::keyed_hash(authors_key, std::uint64_t{0x0807060504030201}) == core::keyed_hash(authors_key, core::byte_view(octets)));
  CHECK(core::keyed_hash(authors_key, std::string_view("abc")) == core::keyed_hash(authors_key, core::as_bytes("abc")));
}

TEST_CASE("the key, the length and every octet count") {
  std::set<std::uint64_t> seen;
  core::bytes message(40);
  for (std::size_t n = 0; n <= message.size(); ++n) seen.insert(core::keyed_hash(authors_key, core::byte_view(message).first(n)));
  CHECK(seen.size() == message.size() + 1);
  const auto whole = core::keyed_hash(authors_key, core::byte_view(message));
  for (std::size_t i = 0; i < message.size(); ++i) {
    auto changed = message;
    changed[i] = 1;
    CHECK(core::keyed_hash(authors_key, core::byte_view(changed)) != whole);
  }
  testing::simulated_world world;
  const auto one = core::random_hash_key(world.env());
  const auto two = core::random_hash_key(world.env());
  CHECK(core::keyed_hash(one, core::byte_view(message)) != core::keyed_hash(two, core::byte_view(message)));
}

}  // namespace keyed_hash_test

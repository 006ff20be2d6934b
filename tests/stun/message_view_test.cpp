#include "phyllo/stun/message_view.hpp"

#include <doctest.h>

#include <vector>

#include "phyllo/core/errc.hpp"
#include "phyllo/stun/message_writer.hpp"
#include "vectors.hpp"

namespace stun_message_view_test {

using namespace phyllo;
namespace t = stun::attribute_type;

namespace {

std::vector<std::uint16_t> types_in(const stun::message_view& m) {
  std::vector<std::uint16_t> out;
  for (const auto& a : m) out.push_back(a.type);
  return out;
}

core::bytes with_attributes(int count) {
  core::bytes out(stun::header_size + 4 * static_cast<std::size_t>(count));
  stun::message_writer w(out, stun::method::binding, stun::message_class::request, {});
  for (int i = 0; i < count; ++i) w.add_flag(0x8fff);
  return core::to_bytes(w.done());
}

}  // namespace

TEST_CASE("every published vector is read, and its integrity verifies with its key and no other") {
  for (const auto& v : stun_vectors::all()) {
    CAPTURE(v.name);
    const auto octets = v.octets();
    const auto m = stun::message_view::parse(octets);
    REQUIRE(m.has_value());
    CHECK(m->what() == stun::method::binding);
    CHECK(m->has_fingerprint() == v.fingerprint);
    CHECK(m->has_integrity() == !v.sha256);
    CHECK(m->has_integrity_sha256() == v.sha256);
    const auto key = v.key();
    CHECK(m->verify(key) == !v.sha256);
    CHECK(m->verify_sha256(key) == v.sha256);
    auto other = key;
    other[0] ^= 1;
    CHECK_FALSE(m->verify(other));
    CHECK_FALSE(m->verify_sha256(other));
  }
}

TEST_CASE("the sample of RFC 8489 B.1 as it was published has a length that counts its header, and is refused") {
  auto octets = stun_vectors::all().back().octets();
  octets[3] = static_cast<std::uint8_t>(octets[3] + stun::header_size);
  CHECK(stun::message_view::parse(octets).error() == core::errc::malformed);
}

TEST_CASE("no bit of a vector can be changed without notice") {
  for (const auto& v : stun_vectors::all()) {
    const auto good = v.octets();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      auto bad = good;
      bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      const auto m = stun::message_view::parse(bad);
      if (!m) continue;
      const bool behind = v.fingerprint && bit >= (good.size() - 8) * 8;
      // Another type or length makes something else of a fingerprint; what stands before it is guarded still.
      if (behind) CHECK_FALSE(m->has_fingerprint());
      if (behind) continue;
      CHECK_FALSE(m->verify(v.key()));
      CHECK_FALSE(m->verify_sha256(v.key()));
    }
  }
}

TEST_CASE("what stands behind the integrity is not looked at") {
  std::array<std::uint8_t, 200> room;
  room.fill(0xee);
  stun::message_writer w(room, stun::method::allocate, stun::message_class::request, {1});
  w.add_text(t::username, "alice");
  w.add_integrity(core::as_bytes("key"));
  w.add_text(t::realm, "elsewhere");
  w.add_integrity_sha256(core::as_bytes("key"));
  w.add_text(t::nonce, "forged");
  w.add_fingerprint();
  const auto m = stun::message_view::parse(w.done());
  REQUIRE(m.has_value());
  CHECK(types_in(*m) == std::vector<std::uint16_t>{t::username});
  CHECK_FALSE(m->has(t::realm));
  CHECK(m->verify(core::as_bytes("key")));
  CHECK(m->verify_sha256(core::as_bytes("key")));
  CHECK(m->has_fingerprint());
}

TEST_CASE("a truncated MESSAGE-INTEGRITY-SHA256 verifies, one below 16 octets is refused") {
  for (const std::size_t size : {16UL, 20UL, 28UL, 32UL}) {
    std::array<std::uint8_t, 100> room{};
    stun::message_writer w(room, stun::method::binding, stun::message_class::request, {});
    w.add_integrity_sha256(core::as_bytes("key"), size);
    const auto m = stun::message_view::parse(w.done());
    REQUIRE(m.has_value());
    CHECK(m->verify_sha256(core::as_bytes("key")));
    CHECK_FALSE(m->verify_sha256(core::as_bytes("kez")));
  }
  for (const std::size_t size : {12UL, 18UL, 36UL}) {
    std::array<std::uint8_t, 100> room{};
    stun::message_writer w(room, stun::method::binding, stun::message_class::request, {});
    w.add(t::message_integrity_sha256, core::bytes(size));
    CHECK_FALSE(stun::message_view::parse(w.done()).has_value());
  }
}

TEST_CASE("the first of several attributes counts") {
  std::array<std::uint8_t, 100> room{};
  stun::message_writer w(room, stun::method::refresh, stun::message_class::request, {});
  w.add_number32(t::lifetime, 5);
  w.add_number32(t::lifetime, 6);
  const auto m = stun::message_view::parse(w.done());
  REQUIRE(m.has_value());
  CHECK(stun::number32_of(*m->find(t::lifetime)) == 5);
}

TEST_CASE("at most so many attributes are read") {
  CHECK(stun::message_view::parse(with_attributes(stun::message_view::attributes_max)).has_value());
  CHECK(stun::message_view::parse(with_attributes(stun::message_view::attributes_max + 1)).error() == core::errc::malformed);
}

TEST_CASE("cut, lengthened, and lying messages are malformed") {
  for (const auto& v : stun_vectors::all()) {
    auto octets = v.octets();
    for (std::size_t n = 0; n < octets.size(); ++n) CHECK_FALSE(stun::message_view::parse(core::byte_view(octets).first(n)).has_value());
    octets.resize(octets.size() + 4);
    CHECK_FALSE(stun::message_view::parse(octets).has_value());
  }
  // An attribute whose length leaves the message.
  CHECK_FALSE(stun::message_view::parse(*core::from_hex("000100042112a442000000000000000000000000800000ff")).has_value());
}

}  // namespace stun_message_view_test

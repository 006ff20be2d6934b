#include "phyllo/stun/message_writer.hpp"

#include <doctest.h>

#include <algorithm>

#include "vectors.hpp"

namespace stun_message_writer_test {

using namespace phyllo;
namespace t = stun::attribute_type;

namespace {

core::byte_view text(const std::string& s) { return core::as_bytes(s); }

// The vector's attributes, written again by us.
core::bytes written_again(const stun_vectors::vector& v, const stun::message_view& m) {
  core::bytes out(512, 0xee);
  stun::message_writer w(out, m.type(), m.transaction());
  for (const auto& a : m) w.add(a.type, a.value);
  if (v.sha256) {
    w.add_integrity_sha256(v.key());
  } else {
    w.add_integrity(v.key());
  }
  if (v.fingerprint) w.add_fingerprint();
  return core::to_bytes(w.done());
}

// The vector with its padding as we write it. What covers the padding then differs, and is taken from what we wrote.
core::bytes with_zero_padding(const stun_vectors::vector& v, const stun::message_view& m, core::byte_view ours) {
  auto out = v.octets();
  std::size_t at = stun::header_size;
  for (const auto& a : m) {
    at += 4 + a.value.size();
    for (; at % 4 != 0; ++at) out[at] = 0;
  }
  if (v.padding != 0) std::copy(ours.begin() + static_cast<std::ptrdiff_t>(at), ours.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  return out;
}

}  // namespace

TEST_CASE("the writer agrees with every published vector to the octet, but for padding with zeros") {
  for (const auto& v : stun_vectors::all()) {
    CAPTURE(v.name);
    const auto octets = v.octets();
    const auto m = stun::message_view::parse(octets).value();
    const auto ours = written_again(v, m);
    CHECK(core::to_hex(ours) == core::to_hex(with_zero_padding(v, m, ours)));
    const auto again = stun::message_view::parse(ours);
    REQUIRE(again.has_value());
    CHECK((v.sha256 ? again->verify_sha256(v.key()) : again->verify(v.key())));
  }
}

TEST_CASE("RFC 5769's answers are written from what they say") {
  const auto vectors = stun_vectors::all();
  for (const std::size_t i : {1UL, 2UL}) {
    const auto octets = vectors[i].octets();
    const auto m = stun::message_view::parse(octets).value();
    std::array<std::uint8_t, 100> room{};
    stun::message_writer w(room, stun::method::binding, stun::message_class::success, m.transaction());
    w.add_text(t::software, "test vector");
    w.add_xor_address(t::xor_mapped_address,
                      core::endpoint::parse(i == 1 ? "192.0.2.1:32853" : "[2001:db8:1234:5678:11:2233:4455:6677]:32853").value());
    const auto ours = w.done();
    CHECK(core::equal(ours.subspan(stun::header_size + 16), core::byte_view(octets).subspan(36, ours.size() - 36)));
  }
}

TEST_CASE("every form of a value is read as it was written") {
  std::array<std::uint8_t, 512> room;
  room.fill(0xee);
  const stun::transaction_id id{9, 8, 7};
  const auto v6 = core::endpoint::parse("[2001:db8::1]:5").value();
  const std::array<std::uint16_t, 3> unknown{0x7ffe, 0x0002, 0x1234};
  const std::array<stun::password_algorithm, 2> offered{stun::password_algorithm::sha256, stun::password_algorithm::md5};
  stun::message_writer w(room, stun::method::allocate, stun::message_class::error, id);
  w.add_octet(t::requested_transport, 17);
  w.add_octet(t::even_port, 0x80);
  w.add_number16(t::channel_number, 0x4001);
  w.add_number32(t::lifetime, 600);
  w.add_number64(t::reservation_token, 0x0102030405060708);
  w.add_flag(t::dont_fragment);
  w.add_address(t::alternate_server, v6);
  w.add_xor_address(t::xor_peer_address, v6);
  w.add_error(420, "no");
  w.add_address_error(stun::address_family::v6, 440);
  w.add_types(t::unknown_attributes, unknown);
  w.add_algorithm(stun::password_algorithm::sha256);
  w.add_algorithms(offered);
  w.add_icmp({3, 4, 1400});
  REQUIRE(w.ok());
  const auto m = stun::message_view::parse(w.done()).value();
  CHECK(stun::octet_of(*m.find(t::requested_transport)) == 17);
  CHECK(core::to_hex(*m.find(t::requested_transport)) == "11000000");
  CHECK(core::to_hex(*m.find(t::even_port)) == "80");
  CHECK(core::to_hex(*m.find(t::channel_number)) == "40010000");
  CHECK(stun::number32_of(*m.find(t::lifetime)) == 600);
  CHECK(stun::number64_of(*m.find(t::reservation_token)) == 0x0102030405060708);
  CHECK(m.find(t::dont_fragment)->empty());
  CHECK(stun::address_of(*m.find(t::alternate_server)) == v6);
  CHECK(stun::xor_address_in(m, t::xor_peer_address) == v6);
  CHECK(stun::error_of(*m.find(t::error_code))->code == 420);
  CHECK(stun::error_of(*m.find(t::error_code))->reason == "no");
  CHECK(stun::address_error_of(*m.find(t::address_error_code))->code == 440);
  std::array<std::uint16_t, 3> types{};
  CHECK(stun::types_of(*m.find(t::unknown_attributes), types) == 3);
  CHECK(types == unknown);
  CHECK(stun::algorithm_of(*m.find(t::password_algorithm)) == stun::password_algorithm::sha256);
  CHECK(core::to_hex(*m.find(t::password_algorithms)) == "0002000000010000");
  CHECK(stun::icmp_of(*m.find(t::icmp))->data == 1400);
  for (const auto& a : m) CHECK(stun::attribute_of(a.type)->takes(a.value.size()));
}

TEST_CASE("nothing of what lay in the octets before is in a message") {
  std::array<std::uint8_t, 64> dirty;
  dirty.fill(0xee);
  std::array<std::uint8_t, 64> clean{};
  for (auto* room : {&dirty, &clean}) {
    stun::message_writer w(*room, stun::method::binding, stun::message_class::success, {});
    w.add_text(t::software, "a");
    w.add_octet(t::even_port, 0);
    w.add_error(401);
    REQUIRE(w.done().size() == 44);
  }
  CHECK(core::equal(core::byte_view(dirty).first(44), core::byte_view(clean).first(44)));
}

TEST_CASE("a message that has no room is none, and nothing is written behind the room") {
  for (std::size_t size = 0; size < 72; ++size) {
    std::array<std::uint8_t, 100> room;
    room.fill(0xee);
    stun::message_writer w(std::span<std::uint8_t>(room).first(size), stun::method::binding, stun::message_class::request, {});
    w.add(t::data, text("0123456789"));
    w.add_integrity(text("key"));
    w.add_fingerprint();
    const bool fits = size >= 20 + 16 + 24 + 8;
    CHECK(w.ok() == fits);
    CHECK(w.done().size() == (fits ? 68U : 0U));
    CHECK(std::all_of(room.begin() + static_cast<std::ptrdiff_t>(size), room.end(), [](auto b) { return b == 0xee; }));
  }
}

}  // namespace stun_message_writer_test

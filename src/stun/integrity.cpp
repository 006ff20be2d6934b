#include "phyllo/stun/integrity.hpp"

#include "phyllo/identity/digest.hpp"
#include "phyllo/stun/message_view.hpp"

namespace phyllo::stun {
namespace {

constexpr std::uint32_t fingerprint_xor = 0x5354554e;  // RFC 8489 s.14.7

// CRC-32 of ITU V.42, by eight bits a step.
constexpr std::array<std::uint32_t, 256> make_crc_table() noexcept {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
    out[i] = crc;
  }
  return out;
}
constexpr auto crc_table = make_crc_table();

// The header's type and the length that the message has with an attribute of `size` octets at its end.
std::array<std::uint8_t, 4> head_of(core::byte_view before, std::size_t size) noexcept {
  const auto length = before.size() - header_size + attribute_header_size + size;
  return {before[0], before[1], static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
}

}  // namespace

std::uint32_t fingerprint_of(core::byte_view before) noexcept {
  std::uint32_t crc = 0xffffffff;
  for (const auto b : before) crc = crc_table[(crc ^ b) & 0xff] ^ (crc >> 8);
  return ~crc ^ fingerprint_xor;
}

std::array<std::uint8_t, 20> integrity_of(core::byte_view before, core::byte_view key) {
  const auto head = head_of(before, 20);
  return identity::hmac_sha1(key, {head, before.subspan(head.size())});
}

std::array<std::uint8_t, 32> integrity_sha256_of(core::byte_view before, core::byte_view key, std::size_t size) {
  const auto head = head_of(before, size);
  return identity::hmac_sha256(key, {head, before.subspan(head.size())});
}

}  // namespace phyllo::stun

#include "phyllo/stun/message.hpp"

#include <algorithm>

#include "phyllo/core/errc.hpp"
#include "phyllo/core/wire.hpp"

namespace phyllo::stun {
namespace {

constexpr std::uint32_t fingerprint_xor = 0x5354554e;  // RFC 8489 s.14.7
constexpr std::size_t fingerprint_size = 8;
constexpr std::uint8_t family_v4 = 1;
constexpr std::uint8_t family_v6 = 2;

// CRC-32 of ITU V.42 (RFC 8489 s.14.7); messages are short, so no table.
std::uint32_t crc32(core::byte_view data) noexcept {
  std::uint32_t crc = 0xffffffff;
  for (const auto b : data) {
    crc ^= b;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

core::bytes xor_pad(const transaction_id& t) {
  core::bytes pad;
  core::wire_writer w(pad);
  w.u32(magic_cookie);
  w.raw(t);
  return pad;
}

template <class Octets>
void apply_pad(Octets& octets, const core::bytes& pad) {
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= pad[i];
}

core::status read_attributes(core::wire_reader& r, core::byte_view whole, message& out) {
  const auto refuse = [](const char* why) { return core::fail(core::errc::malformed, why); };
  while (!r.empty()) {  // each turn takes four bytes at least or fails
    const auto at = whole.size() - r.remaining();
    const auto type = r.u16();
    const auto value = r.opaque(2);
    r.take((4 - value.size() % 4) % 4);
    if (!r.ok()) return refuse("a STUN attribute that leaves its message");
    if (out.attributes.size() == message::attributes_max) return refuse("a STUN message of too many attributes");
    out.add(type, core::to_bytes(value));
    if (type != attribute_type::fingerprint) continue;
    core::wire_reader v(value);
    if (v.u32() != (crc32(whole.first(at)) ^ fingerprint_xor) || !v.done() || !r.empty())
      return refuse("a STUN fingerprint that does not match");
  }
  return {};
}

}  // namespace

core::result<message> message::decode(core::byte_view data) {
  core::wire_reader r(data);
  message out;
  const auto type = r.u16();
  out.type = static_cast<message_type>(type);
  const auto length = r.u16();
  const auto cookie = r.u32();
  const auto transaction = r.take(out.transaction.size());
  const bool sound = r.ok() && (type & 0xc000) == 0 && cookie == magic_cookie && length == r.remaining() && length % 4 == 0;
  if (!sound) return core::fail(core::errc::malformed, "no STUN message");
  std::ranges::copy(transaction, out.transaction.begin());
  if (const auto read = read_attributes(r, data, out); !read) return core::fail(read.error());
  return out;
}

core::bytes message::encode(bool with_fingerprint) const {
  core::bytes out;
  core::wire_writer w(out);
  w.u16(static_cast<std::uint16_t>(type));
  const auto length = w.open(2);
  w.u32(magic_cookie);
  w.raw(transaction);
  const auto start = w.size();
  for (const auto& a : attributes) {
    w.u16(a.type);
    w.opaque(2, a.value);
    for (auto n = a.value.size(); n % 4 != 0; ++n) w.u8(0);
  }
  const auto size = w.size() - start + (with_fingerprint ? fingerprint_size : 0);
  out[length.at] = static_cast<std::uint8_t>(size >> 8);
  out[length.at + 1] = static_cast<std::uint8_t>(size);
  if (!with_fingerprint) return out;
  const auto crc = crc32(out) ^ fingerprint_xor;
  w.u16(attribute_type::fingerprint);
  w.u16(4);
  w.u32(crc);
  return out;
}

const core::bytes* message::find(std::uint16_t wanted) const noexcept {
  const auto i = std::ranges::find(attributes, wanted, &attribute::type);
  return i == attributes.end() ? nullptr : &i->value;
}

void message::add_xor_mapped_address(const core::endpoint& e) {
  core::bytes value;
  core::wire_writer w(value);
  const auto pad = xor_pad(transaction);
  w.u8(0);
  w.u8(e.address.is_v6() ? family_v6 : family_v4);
  w.u16(static_cast<std::uint16_t>(e.port ^ (magic_cookie >> 16)));
  if (e.address.is_v6()) {
    auto octets = e.address.to_v6().to_bytes();
    apply_pad(octets, pad);
    w.raw(octets);
  } else {
    auto octets = e.address.to_v4().to_bytes();
    apply_pad(octets, pad);
    w.raw(octets);
  }
  add(attribute_type::xor_mapped_address, std::move(value));
}

std::optional<core::endpoint> message::xor_mapped_address() const {
  const auto* value = find(attribute_type::xor_mapped_address);
  if (value == nullptr) return std::nullopt;
  core::wire_reader r(*value);
  const auto pad = xor_pad(transaction);
  r.u8();
  const auto family = r.u8();
  core::endpoint out;
  out.port = static_cast<std::uint16_t>(r.u16() ^ (magic_cookie >> 16));
  const auto octets = r.rest();
  if (family == family_v4 && octets.size() == 4) {
    asio::ip::address_v4::bytes_type raw{};
    std::ranges::copy(octets, raw.begin());
    apply_pad(raw, pad);
    out.address = asio::ip::address_v4(raw);
  } else if (family == family_v6 && octets.size() == 16) {
    asio::ip::address_v6::bytes_type raw{};
    std::ranges::copy(octets, raw.begin());
    apply_pad(raw, pad);
    out.address = asio::ip::address_v6(raw);
  } else {
    return std::nullopt;
  }
  return out;
}

std::vector<std::uint16_t> unknown_required_attributes(const message& m) {
  // What a request may bring and a server without credentials passes over: USERNAME, MESSAGE-INTEGRITY, REALM, NONCE,
  // MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH, PRIORITY, USE-CANDIDATE (RFC 8489 s.18.3, RFC 8445 s.20.1).
  static constexpr std::array<std::uint16_t, 9> passed_over{0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0024, 0x0025};
  std::vector<std::uint16_t> out;
  for (const auto& a : m.attributes) {
    if (a.type < 0x8000 && std::ranges::find(passed_over, a.type) == passed_over.end()) out.push_back(a.type);
  }
  return out;
}

}  // namespace phyllo::stun

#include "port/proxy_header.hpp"

#include <algorithm>
#include <array>

#include "phyllo/core/wire.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {
namespace {

constexpr std::array<std::uint8_t, 12> signature{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::uint8_t local = 0x20;
constexpr std::uint8_t proxied = 0x21;
constexpr std::uint8_t tcp_over_v4 = 0x11;
constexpr std::uint8_t tcp_over_v6 = 0x21;

template <class Address>
endpoint read_source(core::wire_reader& r) {
  typename Address::bytes_type octets{};
  std::ranges::copy(r.take(octets.size()), octets.begin());
  r.take(octets.size());
  endpoint out;
  out.address = Address(octets);
  out.port = r.u16();
  r.u16();
  return out;
}

}  // namespace

core::result<std::optional<proxy_header>> proxy_header::parse(core::byte_view data) {
  const auto common = std::min(data.size(), signature.size());
  if (!std::ranges::equal(data.first(common), core::byte_view(signature).first(common)))
    return core::fail(errc::malformed, "no PROXY protocol of version 2");
  if (data.size() < fixed_bytes) return std::nullopt;
  core::wire_reader r(data.subspan(signature.size()));
  const auto command = r.u8();
  const auto family = r.u8();
  const auto length = r.u16();
  if (command != local && command != proxied) return core::fail(errc::malformed, "an unknown command of the PROXY protocol");
  if (fixed_bytes + length > bytes_max) return core::fail(errc::malformed, "a PROXY header of too many bytes");
  if (r.remaining() < length) return std::nullopt;
  core::wire_reader body(r.take(length));
  proxy_header out;
  out.size = fixed_bytes + length;
  if (command == local) return out;
  if (family == tcp_over_v4) out.source = read_source<asio::ip::address_v4>(body);
  if (family == tcp_over_v6) out.source = read_source<asio::ip::address_v6>(body);
  if (!body.ok()) return core::fail(errc::malformed, "a PROXY header without its addresses");
  return out;
}

}  // namespace phyllo::transport

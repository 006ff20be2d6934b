#include "phyllo/transport/address_prefix.hpp"

#include <charconv>
#include <span>

#include "phyllo/core/errc.hpp"

namespace phyllo::transport {
namespace {

bool same_bits(std::span<const unsigned char> a, std::span<const unsigned char> b, unsigned bits) {
  const unsigned whole = bits / 8;
  for (unsigned i = 0; i < whole; ++i) {
    if (a[i] != b[i]) return false;
  }
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

core::result<address_prefix> address_prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  asio::error_code ec;
  address_prefix out;
  out.address = asio::ip::make_address(std::string(text.substr(0, slash)), ec);
  if (ec) return core::fail(core::errc::malformed, "no address: " + std::string(text));
  const unsigned most = out.address.is_v4() ? 32 : 128;
  out.bits = most;
  if (slash == std::string_view::npos) return out;
  const auto digits = text.substr(slash + 1);
  const auto [end, how] = std::from_chars(digits.data(), digits.data() + digits.size(), out.bits);
  const bool whole = how == std::errc() && end == digits.data() + digits.size();
  if (!whole || out.bits > most) return core::fail(core::errc::malformed, "no length of a prefix: " + std::string(text));
  return out;
}

bool address_prefix::contains(const asio::ip::address& a) const {
  if (a.is_v4() != address.is_v4()) return false;
  if (a.is_v4()) return same_bits(a.to_v4().to_bytes(), address.to_v4().to_bytes(), bits);
  return same_bits(a.to_v6().to_bytes(), address.to_v6().to_bytes(), bits);
}

}  // namespace phyllo::transport

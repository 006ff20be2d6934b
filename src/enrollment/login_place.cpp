#include "login_place.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::uint64_t v4_prefix = 0xffff'ff00;
constexpr std::uint64_t v4_region = 0xffff'0000;
constexpr std::uint64_t v6_region = 0xffff'ffff'0000'0000;
constexpr std::uint64_t v6_prefix = 0xffff'ffff'ffff'0000;  // of the upper 64 bits

}  // namespace

login_place login_place::of(const asio::ip::address& a) {
  if (a.is_v4()) {
    const std::uint64_t host = a.to_v4().to_uint();
    return {host, host & v4_prefix, host & v4_region};
  }
  const auto v6 = a.to_v6();
  if (v6.is_v4_mapped()) return of(asio::ip::make_address_v4(asio::ip::v4_mapped, v6));
  std::uint64_t upper = 0;
  const auto bytes = v6.to_bytes();
  for (std::size_t i = 0; i < 8; ++i) upper = upper << 8 | bytes[i];
  return {upper, upper & v6_prefix, upper & v6_region};
}

}  // namespace phyllo::enrollment

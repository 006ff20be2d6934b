#include "phyllo/core/address_text.hpp"

#include <array>
#include <charconv>

namespace phyllo::core {

std::string text_of(const asio::ip::address& a) {
  if (a.is_v6()) return a.to_string();
  std::array<char, 15> text{};
  auto* at = text.data();
  for (const auto octet : a.to_v4().to_bytes()) {
    if (at != text.data()) *at++ = '.';
    at = std::to_chars(at, text.data() + text.size(), octet).ptr;
  }
  return {text.data(), at};
}

std::optional<asio::ip::address_v4> parse_ipv4(std::string_view text) noexcept {
  std::uint32_t address = 0;
  for (std::size_t part = 0; part < 4; ++part) {
    if (part != 0 && (text.empty() || text.front() != '.')) return std::nullopt;
    if (part != 0) text.remove_prefix(1);
    std::uint8_t octet = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), octet);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (ec != std::errc() || (digits > 1 && text.front() == '0')) return std::nullopt;
    address = address << 8 | octet;
    text.remove_prefix(digits);
  }
  if (!text.empty()) return std::nullopt;
  return asio::ip::address_v4(address);
}

}  // namespace phyllo::core

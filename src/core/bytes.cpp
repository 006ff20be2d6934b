#include "phyllo/core/bytes.hpp"

#include <algorithm>
#include <array>

namespace phyllo::core {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::uint8_t no_digit = 0xff;
constexpr auto base64_values = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(no_digit);
  for (std::size_t i = 0; i < base64_digits.size(); ++i) out[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::uint8_t>(i);
  return out;
}();

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

byte_view as_bytes(std::string_view text) noexcept { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
std::string_view as_text(byte_view data) noexcept { return {reinterpret_cast<const char*>(data.data()), data.size()}; }
bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
bytes to_bytes(byte_view data) { return {data.begin(), data.end()}; }
void append(bytes& to, byte_view data) { to.insert(to.end(), data.begin(), data.end()); }
bool equal(byte_view a, byte_view b) noexcept { return std::ranges::equal(a, b); }

std::string to_hex(byte_view data) {
  std::string out;
  out.reserve(data.size() * 2);
  for (const auto b : data) {
    out += hex_digits[b >> 4];
    out += hex_digits[b & 15];
  }
  return out;
}

std::optional<bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string to_base64(byte_view data) {
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const auto n = std::min<std::size_t>(3, data.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? data[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<bytes> from_base64(std::string_view text) {
  bytes out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (is_space(c)) continue;
    const auto value = c == '=' ? std::uint8_t{0} : base64_values[static_cast<unsigned char>(c)];
    if (value == no_digit || (c != '=' && padding > 0)) return std::nullopt;
    if (c == '=') ++padding;
    group = group << 6 | value;
    if (++digits % 4 != 0) continue;
    if (padding > 2) return std::nullopt;
    for (std::size_t k = 0; k < 3 - padding; ++k) out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * k)));
    group = 0;
  }
  if (digits % 4 != 0 || (padding > 0 && (digits == 0 || padding > 2))) return std::nullopt;
  return out;
}

}  // namespace phyllo::core

#include "reload/utf8.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace phyllo::overlay {
namespace {

struct sequence {
  std::size_t length = 0;   // 0: no first byte of a sequence
  std::uint32_t least = 0;  // what is smaller is overlong
};

sequence classify(unsigned char first) noexcept {
  if (first < 0x80) return {1, 0};
  if (first >> 5 == 0x6) return {2, 0x80};
  if (first >> 4 == 0xe) return {3, 0x800};
  if (first >> 3 == 0x1e) return {4, 0x10000};
  return {};
}

}  // namespace

bool plain_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto [length, least] = classify(first);
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t j = 1; j < length; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3fU);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
    if (point < 0x20 || point == 0x7f) return false;
    i += length;
  }
  return true;
}

std::string not_for_xml(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return fmt::format("U+{:04X}", c);
    if (c != 0xef) continue;  // so it is with nearly all
    const auto rest = text.substr(i, 3);
    if (rest == "\xef\xbf\xbe") return "U+FFFE";
    if (rest == "\xef\xbf\xbf") return "U+FFFF";
  }
  return {};
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, 80));
  for (auto& c : out) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return out;
}

}  // namespace phyllo::overlay

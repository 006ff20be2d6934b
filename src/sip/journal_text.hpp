// Lines of what a node keeps on disk: fields between tabs, in which '%' and control characters are written %XX.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bytes.hpp"

namespace phyllo::sip {

inline std::string to_field(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '%') {
      out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

inline std::string from_field(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = text[i] == '%' && i + 2 < text.size() ? core::from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (!octet) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(octet->front());
    i += 2;
  }
  return out;
}

inline std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {  // each turn takes a tab
    const auto tab = line.find('\t');
    out.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace phyllo::sip

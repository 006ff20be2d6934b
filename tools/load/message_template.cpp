#include "message_template.hpp"

#include <algorithm>
#include <cstring>

namespace phyllo::load {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(gap::count)> names = {"key", "branch", "cseq",   "user",   "local",
                                                                                      "uri", "to",     "to_tag", "routes", "authorization"};

gap gap_named(std::string_view name) { return static_cast<gap>(std::ranges::find(names, name) - names.begin()); }

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

message_template::message_template(std::string_view text) {
  const auto whole = with_crlf(text);
  std::uint32_t began = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto end = whole[i] == '[' ? whole.find(']', i) : std::string::npos;
    const auto g = end == std::string::npos ? gap::count : gap_named(std::string_view(whole).substr(i + 1, end - i - 1));
    if (g == gap::count) {
      text_ += whole[i];
      continue;
    }
    pieces_.push_back({began, static_cast<std::uint32_t>(text_.size()) - began, g});
    began = static_cast<std::uint32_t>(text_.size());
    i = end;
  }
  pieces_.push_back({began, static_cast<std::uint32_t>(text_.size()) - began, gap::count});
}

std::size_t message_template::render(std::span<char> into, const gap_values& v) const noexcept {
  std::size_t size = 0;
  const auto add = [&](std::string_view s) {
    if (s.size() > into.size() - size) return false;
    if (!s.empty()) std::memcpy(into.data() + size, s.data(), s.size());
    size += s.size();
    return true;
  };
  for (const auto& p : pieces_) {
    if (!add(std::string_view(text_).substr(p.from, p.size))) return 0;
    if (p.then != gap::count && !add(v[p.then])) return 0;
  }
  return size;
}

}  // namespace phyllo::load

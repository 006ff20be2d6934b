#include "headers.hpp"

#include <array>

namespace phyllo::sip {
namespace {

constexpr std::array<std::string_view, 15> method_names{"",      "INVITE", "ACK",     "BYE",       "CANCEL", "OPTIONS", "REGISTER", "INFO",
                                                        "PRACK", "UPDATE", "MESSAGE", "SUBSCRIBE", "NOTIFY", "REFER",   "PUBLISH"};

}  // namespace

std::string_view name_of(method m) noexcept { return method_names[static_cast<std::size_t>(m)]; }

// Methods compare with case (s.7.1).
method method_of(std::string_view name) noexcept {
  for (std::size_t i = 1; i < method_names.size(); ++i)
    if (method_names[i] == name) return static_cast<method>(i);
  return method::other;
}

bool via::has_magic_cookie() const noexcept {
  constexpr std::string_view cookie = "z9hG4bK";
  return branch.size() > cookie.size() && equal_ignoring_case(branch.substr(0, cookie.size()), cookie);
}

std::optional<std::string> credentials::get(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (!equal_ignoring_case(key, name)) continue;
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 1; i + 1 < value.size(); ++i) {
      if (value[i] == '\\' && i + 2 < value.size()) ++i;
      out.push_back(value[i]);
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace phyllo::sip

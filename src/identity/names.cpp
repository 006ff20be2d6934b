#include "phyllo/identity/names.hpp"

#include <algorithm>

namespace phyllo::identity {
namespace {

constexpr std::size_t domain_characters_max = 253;
constexpr std::size_t label_characters_max = 63;
constexpr std::size_t local_part_characters_max = 64;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_one_of(char c, std::string_view set) noexcept { return set.find(c) != std::string_view::npos; }

bool valid_label(std::string_view label) noexcept {
  if (label.empty() || label.size() > label_characters_max || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool valid_local_part(std::string_view local) noexcept {
  if (local.empty() || local.size() > local_part_characters_max) return false;
  return std::ranges::all_of(local, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || is_one_of(c, "-_.!~*'()&=+$,;?/"); });
}

}  // namespace

bool valid_domain(std::string_view text) noexcept {
  if (text.empty() || text.size() > domain_characters_max) return false;
  for (std::size_t begin = 0; begin <= text.size();) {  // ends after the last label
    const auto end = std::min(text.find('.', begin), text.size());
    if (!valid_label(text.substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  return true;
}

bool valid_user(std::string_view text) noexcept {
  const auto at = text.find('@');
  return at != std::string_view::npos && valid_local_part(text.substr(0, at)) && valid_domain(text.substr(at + 1));
}

bool valid_overlay_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > domain_characters_max) return false;
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f && !is_one_of(c, "@/\"'<>&"); });
}

std::string canonical_user(std::string_view text) {
  std::string user(text);
  const auto at = std::min(user.find('@'), user.size());
  std::transform(user.begin() + static_cast<std::ptrdiff_t>(at), user.end(), user.begin() + static_cast<std::ptrdiff_t>(at),
                 [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  return user;
}

}  // namespace phyllo::identity

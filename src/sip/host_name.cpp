#include "host_name.hpp"

#include <algorithm>

#include "phyllo/core/address_text.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t name_max = 253;  // RFC 1035 s.2.3.4, as text
constexpr std::size_t label_max = 63;

char lower_letter(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool is_label_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';  // "_" is none, but phones write it
}

bool is_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > name_max) return false;
  std::size_t length = 0;
  for (const char c : name) {
    if (c == '.' && length == 0) return false;
    if (c != '.' && (!is_label_character(c) || length == label_max)) return false;
    length = c == '.' ? 0 : length + 1;
  }
  if (length == 0) return false;
  // "toplabel = ALPHA / ALPHA *( alphanum / "-" ) alphanum"
  const char first = name[name.size() - length];
  return first >= 'a' && first <= 'z';
}

}  // namespace

std::optional<asio::ip::address> host_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) host = host.substr(1, host.size() - 2);
  constexpr std::string_view of_addresses = "0123456789abcdefABCDEF:.";  // no "%": no zone has a meaning in a URI of SIP
  if (host.empty() || host.find_first_not_of(of_addresses) != std::string_view::npos) return std::nullopt;
  if (const auto a = core::parse_ipv4(host)) return *a;
  asio::error_code not_an_address;
  const auto a = asio::ip::make_address(std::string(host), not_an_address);
  if (not_an_address) return std::nullopt;
  if (a.is_v6() && a.to_v6().is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, a.to_v6());
  return a;
}

std::optional<std::string> canonical_host(std::string_view host) {
  if (const auto a = host_address(host)) return core::text_of(*a);
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  std::ranges::transform(name, name.begin(), lower_letter);
  if (!is_name(name)) return std::nullopt;
  return name;
}

bool same_host(std::string_view a, std::string_view b) {
  const auto first = canonical_host(a);
  return first && first == canonical_host(b);
}

}  // namespace phyllo::sip

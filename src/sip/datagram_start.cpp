#include "phyllo/sip/datagram_start.hpp"

#include <algorithm>
#include <string_view>

namespace phyllo::sip {
namespace {

constexpr std::string_view sip_version = "SIP/2.0";

// Its case does not matter (RFC 3261 s.7.1).
bool is_version(std::string_view text) noexcept {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return std::ranges::equal(text, sip_version, {}, upper);
}

}  // namespace

datagram_start start_of(core::byte_view datagram) noexcept {
  const auto text = core::as_text(datagram);
  const auto first = text.find_first_not_of("\r\n");
  if (first == std::string_view::npos) return datagram_start::keep_alive;
  const auto line = text.substr(first, text.find_first_of("\r\n", first) - first);
  if (line.size() <= sip_version.size()) return datagram_start::noise;
  const bool is_sip = is_version(line.substr(0, sip_version.size())) || is_version(line.substr(line.size() - sip_version.size()));
  return is_sip ? datagram_start::message : datagram_start::noise;
}

}  // namespace phyllo::sip

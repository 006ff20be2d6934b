#include "port/sniff.hpp"

#include <algorithm>
#include <string_view>

#include "phyllo/stun/message.hpp"

namespace phyllo::transport {
namespace {

constexpr std::size_t stun_cookie_end = 8;
constexpr std::size_t dtls_header_size = 13;
constexpr std::uint8_t tls_handshake = 22;

bool is_cookie(core::byte_view data) noexcept { return data[4] == 0x21 && data[5] == 0x12 && data[6] == 0xa4 && data[7] == 0x42; }

bool is_letter(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Of a token, which SIP's methods and HTTP's are (RFC 3261 s.25.1; RFC 9110 s.5.6.2 has a few more).
bool is_method_char(char c) noexcept {
  constexpr std::string_view marks = "-.!%*_+`'~";
  return is_letter(c) || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
}

// "METHOD sip:..." or "METHOD /path": both protocols have OPTIONS, so the target decides.
stream_kind classify_target(std::string_view target) noexcept {
  if (target.empty()) return stream_kind::undecided;
  if (target[0] == '/' || target[0] == '*') return stream_kind::http;
  constexpr std::string_view absolute = "http";
  const auto common = std::min(target.size(), absolute.size());
  if (target.substr(0, common) != absolute.substr(0, common)) return stream_kind::sip;
  return target.size() >= absolute.size() ? stream_kind::http : stream_kind::undecided;
}

stream_kind classify_text(std::string_view text) noexcept {
  constexpr std::string_view status_line = "SIP/2.0 ";
  const auto common = std::min(text.size(), status_line.size());
  if (text.substr(0, common) == status_line.substr(0, common))
    return text.size() >= status_line.size() ? stream_kind::sip : stream_kind::undecided;
  const auto end = std::ranges::find_if_not(text, is_method_char) - text.begin();
  const auto size = static_cast<std::size_t>(end);
  if (size == text.size()) return size < sniff_bytes_max ? stream_kind::undecided : stream_kind::noise;
  if (size == 0 || text[size] != ' ') return stream_kind::noise;
  if (text.substr(0, size) == "CONNECT") return stream_kind::http;
  const auto kind = classify_target(text.substr(size + 1));
  return kind == stream_kind::undecided && text.size() >= sniff_bytes_max ? stream_kind::noise : kind;
}

}  // namespace

datagram_kind classify_datagram(core::byte_view data) noexcept {
  if (data.empty()) return datagram_kind::noise;
  const auto first = data[0];
  if (first <= 3) return data.size() >= stun::header_size && is_cookie(data) ? datagram_kind::stun : datagram_kind::noise;
  if (first >= 20 && first <= 63 && data.size() >= dtls_header_size && data[1] == 0xfe) return datagram_kind::dtls;
  // 64-79 are also '@' to 'O', with which most SIP methods begin; their second byte is a letter too.
  if (first >= 64 && first <= 79 && data.size() >= 4 && !is_letter(static_cast<char>(data[1]))) return datagram_kind::turn_channel;
  if (first == '\r' || first == '\n') return datagram_kind::sip;
  return is_method_char(static_cast<char>(first)) ? datagram_kind::sip : datagram_kind::noise;
}

bool has_sip_start_line(core::byte_view data) noexcept {
  constexpr std::string_view version = "SIP/2.0";
  const auto is = [](std::string_view a, std::string_view b) {  // the version's case does not matter (s.7.1)
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return std::ranges::equal(a, b, {}, upper);
  };
  const auto text = core::as_text(data);
  const auto first = std::min(text.find_first_not_of("\r\n"), text.size());
  const auto line = text.substr(first, text.find_first_of("\r\n", first) - first);
  if (line.size() <= version.size()) return false;
  return is(line.substr(0, version.size()), version) || is(line.substr(line.size() - version.size()), version);
}

stream_kind classify_stream(core::byte_view data) noexcept {
  if (data.empty()) return stream_kind::undecided;
  if (data[0] == tls_handshake) {
    if (data.size() < 2) return stream_kind::undecided;
    return data[1] == 3 ? stream_kind::tls : stream_kind::noise;
  }
  if (data[0] <= 3) {
    if (data.size() < stun_cookie_end) return stream_kind::undecided;
    return is_cookie(data) ? stream_kind::stun : stream_kind::noise;
  }
  // RFC 5626 s.4.4.1: a keep-alive may come before the first request.
  if (data[0] == '\r' || data[0] == '\n') return stream_kind::sip;
  return classify_text(core::as_text(data));
}

}  // namespace phyllo::transport

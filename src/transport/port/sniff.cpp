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

// Channels 0x4000 to 0x7fff are also '@' to DEL, with which SIP's messages begin. Their length is right (RFC 8656 s.12.5: over UDP padding
// may follow), which of text would ask for 8 KiB and more; below 0x5000 it is enough that the second octet is no letter, as SIP's would be.
bool is_channel_data(core::byte_view data) noexcept {
  if (data.size() < 4 || data[0] < 64 || data[0] > 127) return false;
  const auto whole = (static_cast<std::size_t>(data[2]) << 8 | data[3]) + 4;
  const bool fits = data.size() >= whole && data.size() < whole + 4;
  return fits || (data[0] <= 79 && !is_letter(static_cast<char>(data[1])));
}

// Of a token, which SIP's methods and HTTP's are (RFC 3261 s.25.1; RFC 9110 s.5.6.2 has a few more).
bool is_method_char(char c) noexcept {
  constexpr std::string_view marks = "-.!%*_+`'~";
  return is_letter(c) || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
}

// "METHOD sip:..." or "METHOD /path": both protocols have OPTIONS, so the target decides.
stream_start classify_target(std::string_view target) noexcept {
  if (target.empty()) return stream_start::undecided;
  if (target[0] == '/' || target[0] == '*') return stream_start::http;
  constexpr std::string_view absolute = "http";
  const auto common = std::min(target.size(), absolute.size());
  if (target.substr(0, common) != absolute.substr(0, common)) return stream_start::text;
  return target.size() >= absolute.size() ? stream_start::http : stream_start::undecided;
}

stream_start classify_text(std::string_view text) noexcept {
  constexpr std::string_view status_line = "SIP/2.0 ";
  const auto common = std::min(text.size(), status_line.size());
  if (text.substr(0, common) == status_line.substr(0, common))
    return text.size() >= status_line.size() ? stream_start::text : stream_start::undecided;
  const auto end = std::ranges::find_if_not(text, is_method_char) - text.begin();
  const auto size = static_cast<std::size_t>(end);
  if (size == text.size()) return size < sniff_bytes_max ? stream_start::undecided : stream_start::noise;
  if (size == 0 || text[size] != ' ') return stream_start::noise;
  if (text.substr(0, size) == "CONNECT") return stream_start::http;
  const auto kind = classify_target(text.substr(size + 1));
  return kind == stream_start::undecided && text.size() >= sniff_bytes_max ? stream_start::noise : kind;
}

}  // namespace

std::optional<datagram_kind> classify_datagram(core::byte_view data) noexcept {
  const auto if_so = [](bool so, datagram_kind kind) { return so ? std::optional(kind) : std::nullopt; };
  if (data.empty()) return std::nullopt;
  const auto first = data[0];
  if (first <= 3) {
    const auto method = stun::method_of(static_cast<std::uint16_t>(first << 8 | (data.size() > 1 ? data[1] : 0)));
    const auto kind = stun::is_turn(method) ? datagram_kind::turn : datagram_kind::stun;
    return if_so(data.size() >= stun::header_size && is_cookie(data), kind);
  }
  if (first >= 20 && first <= 63 && data.size() >= dtls_header_size && data[1] == 0xfe) return datagram_kind::dtls;
  if (is_channel_data(data)) return datagram_kind::turn;
  if (first == '\r' || first == '\n') return datagram_kind::text;
  return if_so(is_method_char(static_cast<char>(first)), datagram_kind::text);
}

//  type (1) = 22 | version (2) | epoch (2) = 0 | sequence (6) | length (2) | handshake type (1) = 1 (RFC 6347 s.4.1)
bool is_client_hello(core::byte_view dtls) noexcept {
  return dtls.size() > dtls_header_size && dtls[0] == 22 && dtls[3] == 0 && dtls[4] == 0 && dtls[dtls_header_size] == 1;
}

stream_start classify_stream(core::byte_view data) noexcept {
  if (data.empty()) return stream_start::undecided;
  if (data[0] == tls_handshake) {
    if (data.size() < 2) return stream_start::undecided;
    return data[1] == 3 ? stream_start::tls : stream_start::noise;
  }
  if (data[0] <= 3) {
    if (data.size() < stun_cookie_end) return stream_start::undecided;
    return is_cookie(data) ? stream_start::stun : stream_start::noise;
  }
  // RFC 5626 s.4.4.1: a keep-alive may come before the first request.
  if (data[0] == '\r' || data[0] == '\n') return stream_start::text;
  return classify_text(core::as_text(data));
}

}  // namespace phyllo::transport

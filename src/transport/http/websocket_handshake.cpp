// The opening handshake of RFC 6455 s.4.2.
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "phyllo/transport/websocket.hpp"

namespace phyllo::transport {
namespace {

// s.1.3: a number that no other protocol knows.
constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view s) {
  s.remove_prefix(std::min(s.find_first_not_of(blanks), s.size()));
  return s.substr(0, s.find_last_not_of(blanks) + 1);
}

std::string_view header_of(const http_request& r, const char* name) {
  const auto i = r.headers.find(name);
  return i == r.headers.end() ? std::string_view() : std::string_view(i->second);
}

// Of a list with commas between (RFC 9110 s.5.6.1).
bool lists(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {  // each turn takes an element
    const auto comma = list.find(',');
    if (core::equal_ignoring_case(trimmed(list.substr(0, comma)), wanted)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

std::string accept_of(std::string_view key) {
  const auto text = std::string(key) + std::string(accept_guid);
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest{};
  const auto bytes = core::as_bytes(text);
  SHA1(bytes.data(), bytes.size(), digest.data());
  return core::to_base64(digest);
}

// s.4.1: "16 bytes encoded in base64".
bool is_key(std::string_view key) {
  const auto octets = core::from_base64(key);
  return key.size() == 24 && octets && octets->size() == 16;
}

http_response refuse(int status, const char* why) { return {status, {{"content-type", "text/plain"}}, std::string(why) + "\n"}; }

}  // namespace

bool asks_for_websocket(const http_request& r) { return lists(header_of(r, "upgrade"), "websocket"); }

http_response answer_websocket(const http_request& r, const websocket_options& o) {
  if (r.method != "GET" || !lists(header_of(r, "connection"), "upgrade")) return refuse(400, "expected GET and Connection: Upgrade");
  if (trimmed(header_of(r, "sec-websocket-version")) != "13") {
    auto answer = refuse(426, "expected version 13 of the WebSocket protocol");
    answer.headers["sec-websocket-version"] = "13";
    return answer;
  }
  const auto key = trimmed(header_of(r, "sec-websocket-key"));
  if (!is_key(key)) return refuse(400, "expected a Sec-WebSocket-Key of 16 bytes");
  const auto origin = trimmed(header_of(r, "origin"));
  const bool welcome = o.origins.empty() || origin.empty() ||
                       std::ranges::any_of(o.origins, [&](const auto& one) { return core::equal_ignoring_case(one, origin); });
  if (!welcome) return refuse(403, "pages of this origin may not connect here");
  if (!lists(header_of(r, "sec-websocket-protocol"), o.protocol)) return refuse(400, "expected another sub-protocol");
  http_response answer;
  answer.status = 101;
  answer.headers = {{"upgrade", "websocket"}, {"sec-websocket-accept", accept_of(key)}, {"sec-websocket-protocol", o.protocol}};
  return answer;
}

}  // namespace phyllo::transport

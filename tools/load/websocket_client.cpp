#include "websocket_client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/digest.hpp"

namespace phyllo::load {
namespace {

// RFC 6455 s.1.3: a number that no other protocol knows.
constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::uint8_t fin = 0x80;
enum opcode : std::uint8_t { continuation = 0, text_frame = 1, binary_frame = 2, close_frame = 8, ping_frame = 9, pong_frame = 10 };

// The value of a header field in the server's answer; empty: it has none.
std::string_view field_of(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {  // a line each turn
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = std::min(line.find(':'), line.size());
    if (core::equal_ignoring_case(line.substr(0, colon), name)) {
      auto v = line.substr(std::min(colon + 1, line.size()));
      v.remove_prefix(std::min(v.find_first_not_of(' '), v.size()));
      return v.substr(0, v.find_last_not_of(' ') + 1);
    }
    at = head.find("\r\n", at + 2);
  }
  return {};
}

}  // namespace

websocket_client::websocket_client(std::string_view host, std::string_view path, const std::array<std::uint8_t, 16>& nonce) {
  const auto key = core::to_base64(nonce);
  accept_ = core::to_base64(identity::sha1(core::as_bytes(key + std::string(guid))));
  output_ = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: sip\r\n\r\n",
      path, host, key);
}

websocket_client::piece websocket_client::next() {
  if (closed_) return {event::closed, message_};
  if (taken_ > 0) {
    input_.erase(0, taken_);
    taken_ = 0;
  }
  if (!open_) return opening();
  frame f;
  for (auto c = next_frame(f); c != cut::need_more; c = next_frame(f)) {  // each is taken off the input
    if (c == cut::broken) return broken("a frame that is masked, or larger than is read");
    if (const auto p = taken(f); p.what != event::need_more) return p;
  }
  return {};
}

websocket_client::piece websocket_client::opening() {
  const auto end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return input_.size() > answer_bytes_max ? broken("no end of the answer to the handshake") : piece{};
  const auto head = std::string_view(input_).substr(0, end + 2);
  taken_ = end + 4;
  const auto line = head.substr(0, std::min<std::size_t>(head.find("\r\n"), 60));
  if (!head.starts_with("HTTP/1.1 101")) return broken(fmt::format("the server answers {}", line));
  if (field_of(head, "Sec-WebSocket-Accept") != accept_) return broken("the server's Sec-WebSocket-Accept is not that of the key");
  open_ = true;
  return {event::opened, {}};
}

// RFC 6455 s.5.2; a server's frames are not masked (s.5.1).
websocket_client::cut websocket_client::next_frame(frame& out) {
  const auto in = rest();
  if (in.size() < 2) return cut::need_more;
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(in[i]); };
  std::uint64_t size = octet(1);
  if (size > 127) return cut::broken;
  std::size_t head = 2;
  if (size >= 126) {
    const std::size_t more = size == 126 ? 2 : 8;
    if (in.size() < 2 + more) return cut::need_more;
    size = 0;
    for (; head < 2 + more; ++head) size = size << 8 | octet(head);
  }
  if (size > message_bytes_max) return cut::broken;
  if (in.size() < head + size) return cut::need_more;
  out = {octet(0), in.substr(head, static_cast<std::size_t>(size))};
  taken_ += head + static_cast<std::size_t>(size);
  return cut::whole;
}

websocket_client::piece websocket_client::taken(const frame& f) {
  switch (f.first & 0x0f) {
    case ping_frame: add_frame(pong_frame, f.payload.substr(0, 125)); return {};
    case pong_frame: return {};
    case close_frame: return broken("the server closes");
    case continuation:
    case text_frame:
    case binary_frame: break;
    default: return broken("a frame of an unknown kind");
  }
  if (whole_) message_.clear();
  if (message_.size() + f.payload.size() > message_bytes_max) return broken("a message larger than is read");
  message_.append(f.payload);
  whole_ = (f.first & fin) != 0;
  return whole_ ? piece{event::message, message_} : piece{};
}

websocket_client::piece websocket_client::broken(std::string_view why) {
  closed_ = true;
  message_ = why;
  return {event::closed, message_};
}

void websocket_client::send(std::string_view text) { add_frame(text_frame, text); }

// A client masks what it sends (s.5.3). The mask guards caches between the ends, and no secret.
void websocket_client::add_frame(std::uint8_t opcode, std::string_view payload) {
  mask_ = mask_ * 1664525 + 1013904223;
  const std::array<std::uint8_t, 4> mask = {static_cast<std::uint8_t>(mask_ >> 24), static_cast<std::uint8_t>(mask_ >> 16),
                                            static_cast<std::uint8_t>(mask_ >> 8), static_cast<std::uint8_t>(mask_)};
  const auto put = [&](std::uint64_t v) { output_ += static_cast<char>(v & 0xff); };
  put(fin | opcode);
  if (payload.size() < 126) {
    put(0x80 | payload.size());
  } else if (payload.size() < 65'536) {
    put(0x80 | 126);
    for (int shift = 8; shift >= 0; shift -= 8) put(payload.size() >> shift);
  } else {
    put(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) put(payload.size() >> shift);
  }
  for (const auto m : mask) put(m);
  const auto at = output_.size();
  output_.append(payload);
  for (std::size_t i = 0; i < payload.size(); ++i)
    output_[at + i] = static_cast<char>(static_cast<std::uint8_t>(output_[at + i]) ^ mask[i % 4]);
}

}  // namespace phyllo::load

#include "stream_framing.hpp"

#include <algorithm>

#include "pre_scan.hpp"

namespace phyllo::sip {

stream_framing::frame stream_framing::take(event what, std::size_t size) {
  const auto text = rest().substr(0, size);
  taken_ += size;
  scanned_ = whole_ = 0;
  return {what, text};
}

stream_framing::frame stream_framing::next() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  if (buffer_.empty()) return {};
  return buffer_.front() == '\r' ? keep_alive() : message();
}

// RFC 5626 s.4.4.1: "the client sends a double-CRLF (the "ping") then waits to receive a single CRLF (the "pong")". One
// CRLF may be half of a ping, so that it is a pong only when something else follows it.
stream_framing::frame stream_framing::keep_alive() {
  constexpr std::string_view ping = "\r\n\r\n";
  const auto have = std::min(buffer_.size(), ping.size());
  if (rest().starts_with(ping)) return take(event::ping, ping.size());
  if (ping.substr(0, have) == rest().substr(0, have)) return {};
  if (rest().starts_with("\r\n")) return take(event::pong, 2);
  return {event::broken, "a CR by itself"};
}

stream_framing::frame stream_framing::message() {
  if (whole_ == 0) {
    constexpr std::string_view end = "\r\n\r\n";
    const auto at = rest().find(end, scanned_);
    if (at == std::string_view::npos || at + end.size() > message_limits::header_bytes_max) {
      if (buffer_.size() > message_limits::header_bytes_max) return {event::too_large, rest()};
      scanned_ = buffer_.size() < end.size() ? 0 : buffer_.size() - end.size() + 1;
      return {};
    }
    const auto header = pre_scan(rest().substr(0, at + end.size()));
    if (!header) return {event::broken, "a header that can not be cut into lines"};
    // s.20.14: "If a stream-based protocol (such as TCP) is used as transport, then the header field MUST be used."
    if (header->length_state != content_length::present) return {event::broken, "no usable Content-Length"};
    const auto body = std::min(header->length, message_limits::bytes_max + 1);  // whatever number was said
    whole_ = at + end.size() + body;
    if (whole_ > message_limits::bytes_max) return {event::too_large, rest()};
  }
  return buffer_.size() < whole_ ? frame{} : take(event::message, whole_);
}

}  // namespace phyllo::sip

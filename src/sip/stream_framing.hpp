// Cuts a byte stream into SIP messages and keep-alives (RFC 3261 s.18.3, RFC 5626 s.3.5.1, s.4.4.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"

namespace phyllo::sip {

class stream_framing {
 public:
  enum class event : std::uint8_t {
    need_more,  // nothing is complete: feed
    message,    // `text` is one message, whole
    ping,       // a double CRLF: answer with a single one
    pong,       // a single CRLF
    too_large,  // `text` has begun, and is more than is read: nothing can be found behind it
    broken,     // what follows can not be found any more: close the stream; `text` says why
  };
  struct frame {
    event what = event::need_more;
    std::string_view text;  // valid until the next call
  };

  void feed(core::byte_view data) { buffer_.append(core::as_text(data)); }

  // To be called until it says need_more. Not more than one message (64 KiB) and what one feed brought is buffered.
  [[nodiscard]] frame next();

  [[nodiscard]] std::size_t buffered() const noexcept { return buffer_.size() - taken_; }
  // A message has begun and is not complete.
  [[nodiscard]] bool within_message() const noexcept { return buffer_.find_first_not_of("\r\n", taken_) != std::string::npos; }

 private:
  [[nodiscard]] frame take(event what, std::size_t size);
  [[nodiscard]] frame keep_alive();
  [[nodiscard]] frame message();
  [[nodiscard]] std::string_view rest() const noexcept { return std::string_view(buffer_).substr(taken_); }

  std::string buffer_;
  std::size_t taken_ = 0;    // of buffer_: given out already
  std::size_t scanned_ = 0;  // of the rest: holds no end of a header
  std::size_t whole_ = 0;    // the size of the message whose header is complete; 0: not known yet
};

}  // namespace phyllo::sip

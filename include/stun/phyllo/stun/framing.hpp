// Cuts a byte stream into STUN messages (RFC 8489 s.6.2.2) and TURN's ChannelData (RFC 8656 s.12.5: padded to four bytes
// on streams).
#pragma once

#include <cstdint>

#include "phyllo/core/bytes.hpp"

namespace phyllo::stun {

class framing {
 public:
  // Larger than any message that holds one datagram (Send and Data indications of TURN).
  static constexpr std::size_t message_max = 20 + 65'535;

  enum class event : std::uint8_t {
    need_more,
    message,       // starts with 00: one STUN message, not yet decoded
    channel_data,  // starts with 01: one ChannelData without its padding
    broken,        // what follows can not be found any more: close the stream
  };
  struct piece {
    event what = event::need_more;
    core::byte_view data;  // valid until the next call
  };

  void feed(core::byte_view data);
  [[nodiscard]] piece next();  // until it says need_more

 private:
  core::bytes buffer_;
  std::size_t taken_ = 0;  // of buffer_: given out already
};

}  // namespace phyllo::stun

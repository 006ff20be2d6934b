// RELOAD's framing header (RFC 6940 s.6.6.2).
//
//   data:  128 (1) | sequence (4) | length (3) | message
//   ack:   129 (1) | ack_sequence (4) | received (4)
#pragma once

#include <cstdint>
#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::transport {

inline constexpr std::uint8_t frame_type_data = 128;
inline constexpr std::uint8_t frame_type_ack = 129;
inline constexpr std::size_t data_header_size = 8;
inline constexpr std::size_t ack_size = 9;

struct frame {
  bool data = true;
  std::uint32_t sequence = 0;  // of data, or the one acknowledged
  std::uint32_t received = 0;  // ack: bit k set: sequence - 1 - k has arrived too
  core::byte_view message;     // data: a view of what was decoded
};

[[nodiscard]] core::bytes encode_data(std::uint32_t sequence, core::byte_view message);
[[nodiscard]] core::bytes encode_ack(std::uint32_t sequence, std::uint32_t received);
[[nodiscard]] core::result<frame> decode_frame(core::byte_view whole);  // errc::malformed

// Cuts frames out of a byte stream.
class frame_splitter {
 public:
  explicit frame_splitter(std::size_t message_max) : message_max_(message_max) {}
  void feed(core::byte_view data);
  // The next whole frame's bytes, valid until the next call of either; nothing: feed more. errc::malformed (an unknown
  // type: the stream can not be read on), errc::too_large.
  [[nodiscard]] core::result<std::optional<core::byte_view>> next();

 private:
  std::size_t message_max_;
  core::bytes buffer_;
  std::size_t taken_ = 0;
};

}  // namespace phyllo::transport

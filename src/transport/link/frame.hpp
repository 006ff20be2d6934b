// RELOAD's framing header (RFC 6940 s.6.6.2), and two frames of our own, which only peers with ALPN phyllo-reload-move see:
// a link that goes on over another carrier (links.md).
//
//   data:  128 (1) | sequence (4) | length (3) | message
//   ack:   129 (1) | ack_sequence (4) | received (4)
//   move:  130 (1) | token (16) | highest (4) | seen (128)
//   moved: 131 (1) | accepted (1) | highest (4) | seen (128)
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "tls/link_token.hpp"

namespace phyllo::transport {

inline constexpr std::uint8_t frame_type_data = 128;
inline constexpr std::uint8_t frame_type_ack = 129;
inline constexpr std::uint8_t frame_type_move = 130;
inline constexpr std::uint8_t frame_type_moved = 131;
inline constexpr std::size_t data_header_size = 8;
inline constexpr std::size_t ack_size = 9;
inline constexpr std::size_t max_message = 65536;  // RELOAD's max-message-size here

struct frame {
  bool data = true;
  std::uint32_t sequence = 0;  // of data, or the one acknowledged
  std::uint32_t received = 0;  // ack: bit k set: sequence - 1 - k has arrived too
  core::byte_view message;     // data: a view of what was decoded
};

// Which of the latest sequence numbers have arrived: bit k stands for highest - k. None has if bit 0 is not set.
struct receive_state {
  static constexpr std::size_t window = 1024;
  std::uint32_t highest = 0;
  std::bitset<window> seen;

  [[nodiscard]] bool has(std::uint32_t sequence) const noexcept {
    const auto before = highest - sequence;  // modulo 2^32, as sequences count
    return before < window && seen.test(before);
  }
  friend bool operator==(const receive_state&, const receive_state&) = default;
};

struct move_frame {
  bool moved = false;     // the answer
  bool accepted = false;  // of an answer
  link_token token{};     // of a question
  receive_state state;
};
inline constexpr std::size_t move_size = 1 + 16 + 4 + receive_state::window / 8;
inline constexpr std::size_t moved_size = 1 + 1 + 4 + receive_state::window / 8;
[[nodiscard]] bool is_move(core::byte_view whole) noexcept;  // either
[[nodiscard]] core::bytes encode_move(const move_frame& m);
[[nodiscard]] core::result<move_frame> decode_move(core::byte_view whole);  // errc::malformed

[[nodiscard]] core::bytes encode_data(std::uint32_t sequence, core::byte_view message);
[[nodiscard]] core::bytes encode_ack(std::uint32_t sequence, std::uint32_t received);
[[nodiscard]] core::result<frame> decode_frame(core::byte_view whole);  // errc::malformed

// Cuts frames out of a byte stream.
class frame_splitter {
 public:
  explicit frame_splitter(std::size_t message_max) : message_max_(message_max) {}
  void feed(core::byte_view data);
  // The next whole frame's bytes, valid until the next call of either; nothing: feed more. Of a message over message_max its beginning, of
  // just that size, as if the frame held no more: whoever reads its header sees that it was longer. errc::malformed (an unknown type: the
  // stream can not be read on).
  [[nodiscard]] core::result<std::optional<core::byte_view>> next();

 private:
  [[nodiscard]] bool skip_rest();

  std::size_t message_max_;
  core::bytes buffer_;
  std::size_t taken_ = 0;
  std::size_t to_skip_ = 0;
};

}  // namespace phyllo::transport

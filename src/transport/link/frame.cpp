#include "link/frame.hpp"

#include <fmt/format.h>

#include "phyllo/core/wire.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {

namespace {

constexpr std::size_t octet_bits = 8;

void put(core::wire_writer& w, const receive_state& s) {
  w.u32(s.highest);
  for (std::size_t i = 0; i < receive_state::window; i += octet_bits) {
    std::uint8_t octet = 0;
    for (std::size_t k = 0; k < octet_bits; ++k) octet = static_cast<std::uint8_t>(octet | (s.seen.test(i + k) ? 1U << k : 0U));
    w.u8(octet);
  }
}

receive_state take(core::wire_reader& r) {
  receive_state s;
  s.highest = r.u32();
  for (std::size_t i = 0; i < receive_state::window; i += octet_bits) {
    const auto octet = r.u8();
    for (std::size_t k = 0; k < octet_bits; ++k) s.seen.set(i + k, (octet >> k & 1U) != 0);
  }
  return s;
}

std::size_t size_of(std::uint8_t type) noexcept {
  if (type == frame_type_ack) return ack_size;
  if (type == frame_type_move) return move_size;
  return type == frame_type_moved ? moved_size : 0;
}

}  // namespace

bool is_move(core::byte_view whole) noexcept { return !whole.empty() && (whole[0] == frame_type_move || whole[0] == frame_type_moved); }

core::bytes encode_move(const move_frame& m) {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(m.moved ? frame_type_moved : frame_type_move);
  if (m.moved) {
    w.u8(m.accepted ? 1 : 0);
  } else {
    w.raw(m.token);
  }
  put(w, m.state);
  return out;
}

core::result<move_frame> decode_move(core::byte_view whole) {
  core::wire_reader r(whole);
  move_frame out;
  const auto type = r.u8();
  out.moved = type == frame_type_moved;
  if (out.moved) {
    out.accepted = r.u8() == 1;
  } else {
    for (auto& octet : out.token) octet = r.u8();
  }
  out.state = take(r);
  if (!r.done() || !is_move(whole)) return core::fail(errc::malformed, fmt::format("a frame of type {}, {} bytes", type, whole.size()));
  return out;
}

core::bytes encode_data(std::uint32_t sequence, core::byte_view message) {
  core::bytes out;
  out.reserve(data_header_size + message.size());
  core::wire_writer w(out);
  w.u8(frame_type_data);
  w.u32(sequence);
  w.opaque(3, message);
  return out;
}

core::bytes encode_ack(std::uint32_t sequence, std::uint32_t received) {
  core::bytes out;
  core::wire_writer w(out);
  w.u8(frame_type_ack);
  w.u32(sequence);
  w.u32(received);
  return out;
}

core::result<frame> decode_frame(core::byte_view whole) {
  core::wire_reader r(whole);
  frame out;
  const auto type = r.u8();
  out.data = type == frame_type_data;
  out.sequence = r.u32();
  if (out.data) {
    out.message = r.opaque(3);
  } else {
    out.received = r.u32();
  }
  if (!r.done() || (!out.data && type != frame_type_ack))
    return core::fail(errc::malformed, fmt::format("a frame of type {}, {} bytes", type, whole.size()));
  return out;
}

namespace {

void write_length(std::span<std::uint8_t> data_frame, std::size_t n) {
  data_frame[5] = static_cast<std::uint8_t>(n >> 16);
  data_frame[6] = static_cast<std::uint8_t>(n >> 8);
  data_frame[7] = static_cast<std::uint8_t>(n);
}

}  // namespace

void frame_splitter::feed(core::byte_view data) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  core::append(buffer_, data);
}

// What is left of a message that was too large: true when all of it has come.
bool frame_splitter::skip_rest() {
  const auto here = std::min(to_skip_, buffer_.size() - taken_);
  taken_ += here;
  to_skip_ -= here;
  return to_skip_ == 0;
}

core::result<std::optional<core::byte_view>> frame_splitter::next() {
  if (!skip_rest()) return std::nullopt;
  const auto left = std::span(buffer_).subspan(taken_);
  if (left.empty()) return std::nullopt;
  std::size_t size = size_of(left[0]);
  std::size_t beyond = 0;
  if (left[0] == frame_type_data) {
    if (left.size() < data_header_size) return std::nullopt;
    const std::size_t message = static_cast<std::size_t>(left[5]) << 16 | static_cast<std::size_t>(left[6]) << 8 | left[7];
    beyond = message - std::min(message, message_max_);
    size = data_header_size + message - beyond;
  } else if (size == 0) {
    return core::fail(errc::malformed, fmt::format("a frame of type {}", left[0]));
  }
  if (left.size() < size) return std::nullopt;
  if (beyond > 0) write_length(left, message_max_);
  taken_ += size;
  to_skip_ = beyond;
  return left.first(size);
}

}  // namespace phyllo::transport

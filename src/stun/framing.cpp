#include "phyllo/stun/framing.hpp"

#include "phyllo/stun/message.hpp"

namespace phyllo::stun {
namespace {

constexpr std::size_t channel_header_size = 4;

}  // namespace

void framing::feed(core::byte_view data) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  core::append(buffer_, data);
}

framing::piece framing::next() {
  const auto rest = core::byte_view(buffer_).subspan(taken_);
  if (rest.size() < channel_header_size) return {};
  const auto kind = rest[0] >> 6;
  const std::size_t length = static_cast<std::size_t>(rest[2]) << 8 | rest[3];
  if (kind > 1 || (kind == 0 && length % 4 != 0)) return {event::broken, {}};
  const auto size = length + (kind == 0 ? header_size : channel_header_size);
  const auto padded = (size + 3) / 4 * 4;
  if (rest.size() < padded) return {};
  taken_ += padded;
  return {kind == 0 ? event::message : event::channel_data, rest.first(size)};
}

}  // namespace phyllo::stun

#include "phyllo/core/wire.hpp"

#include <algorithm>
#include <cassert>

namespace phyllo::core {
namespace {

constexpr std::size_t first_room = 32;  // of a byte string that is begun: not 1, 2, 4, 8 and 16

}  // namespace

void wire_reader::fail() noexcept {
  ok_ = false;
  data_ = {};
}

void wire_writer::opaque(unsigned width, byte_view data) {
  assert(width >= 4 || data.size() < (std::size_t{1} << (8 * width)));
  integer(data.size(), width);
  raw(data);
}

wire_writer::mark wire_writer::open(unsigned width) {
  const mark m{out_->size(), width};
  integer(0, width);
  return m;
}

void wire_writer::close(mark m) {
  const auto length = out_->size() - m.at - m.width;
  assert(m.width >= 4 || length < (std::size_t{1} << (8 * m.width)));
  for (unsigned i = 0; i < m.width; ++i) (*out_)[m.at + i] = static_cast<std::uint8_t>(length >> (8 * (m.width - 1 - i)));
}

void wire_writer::reserve(std::size_t more) {
  const auto needed = out_->size() + more;
  if (needed > out_->capacity()) out_->reserve(std::max({needed, 2 * out_->capacity(), first_room}));
}

}  // namespace phyllo::core

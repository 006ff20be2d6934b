#include "link/move_hold.hpp"

#include <utility>

namespace phyllo::transport {

bool move_hold::keep(core::byte_view frame) {
  if (bytes_ + frame.size() > bytes_max) return false;
  bytes_ += frame.size();
  held_.frames.push_back(core::to_bytes(frame));
  return true;
}

move_hold::held move_hold::end() {
  holds_ = false;
  bytes_ = 0;
  held out;
  out.frames = std::move(held_.frames);
  out.lost = std::exchange(held_.lost, std::nullopt);
  return out;
}

}  // namespace phyllo::transport

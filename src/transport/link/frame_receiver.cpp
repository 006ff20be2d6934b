#include "link/frame_receiver.hpp"

#include <functional>
#include <string_view>

namespace phyllo::transport {

// "If the sequence number M is less than N but greater than N-32, the N-M bit of the received bitmask is set." The bits
// count from one, as Wireshark's dissector reads them: N-1 is the least significant.
std::uint32_t frame_receiver::received(std::uint32_t sequence) noexcept {
  if (const auto ahead = static_cast<std::int32_t>(sequence - state_.highest); state_.seen.none()) {
    state_.highest = sequence;
    state_.seen.set(0);
  } else if (ahead > 0) {
    state_.seen <<= static_cast<std::size_t>(ahead);  // all of it, if need be
    state_.highest = sequence;
    state_.seen.set(0);
  } else if (const auto before = state_.highest - sequence; before < receive_state::window) {
    state_.seen.set(before);
  }
  std::uint32_t mask = 0;
  for (std::uint32_t before = 1; before < 32; ++before) {
    if (state_.has(sequence - before)) mask |= 1U << (before - 1);
  }
  return mask;
}

bool frame_receiver::fresh(core::byte_view message, core::time_point now) {
  while (!delivered_.empty() && (now - delivered_.front().at >= memory_ || delivered_.size() > duplicates_max)) {
    hashes_.erase(delivered_.front().hash);
    delivered_.pop_front();
  }
  const auto hash = std::hash<std::string_view>{}(core::as_text(message));
  if (!hashes_.insert(hash).second) return false;
  delivered_.push_back({hash, now});
  return true;
}

}  // namespace phyllo::transport

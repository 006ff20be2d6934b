#include "frame_receiver.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace phyllo::transport {

// "If the sequence number M is less than N but greater than N-32, the N-M bit of the received bitmask is set." The bits
// count from one, as Wireshark's dissector reads them: N-1 is the least significant.
std::uint32_t frame_receiver::received(std::uint32_t sequence) noexcept {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < std::min(count_, recent_.size()); ++i) {
    const std::uint32_t before = sequence - recent_[i];  // modulo 2^32, as sequences count
    if (before >= 1 && before < 32) mask |= 1U << (before - 1);
  }
  recent_[count_++ % recent_.size()] = sequence;
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

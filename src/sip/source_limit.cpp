#include "source_limit.hpp"

#include <algorithm>

namespace phyllo::sip {
namespace {

std::uint64_t key_of(const asio::ip::address& a) {
  if (a.is_v4()) return a.to_v4().to_uint();
  const auto octets = a.to_v6().to_bytes();
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | octets[i];
  return key;
}

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

bool source_limit::admit(const asio::ip::address& from, core::time_point now) {
  const auto key = key_of(from);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= limits_.sources_max) make_room(now);
    found = buckets_.emplace(key, bucket{limits_.burst, now}).first;
  }
  auto& b = found->second;
  b.tokens = std::min(limits_.burst, b.tokens + seconds(now - b.filled) * limits_.per_second);
  b.filled = now;
  if (b.tokens < 1) return false;
  b.tokens -= 1;
  return true;
}

// Full buckets say nothing. If most are in use, the table starts anew: a scan a packet would be dearer than what it saves.
void source_limit::make_room(core::time_point now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    const auto& b = entry.second;
    return b.tokens + seconds(now - b.filled) * limits_.per_second >= limits_.burst;
  });
  if (buckets_.size() > limits_.sources_max / 2) buckets_.clear();
}

}  // namespace phyllo::sip

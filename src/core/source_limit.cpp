#include "phyllo/core/source_limit.hpp"

#include <algorithm>

namespace phyllo::core {
namespace {

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

std::uint64_t source_key(const asio::ip::address& a) {
  if (a.is_v4()) return a.to_v4().to_uint();
  const auto octets = a.to_v6().to_bytes();
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | octets[i];
  return key;
}

bool token_bucket::take(double per_second, double burst, time_point now) {
  tokens_ = std::min(burst, tokens_ + seconds(now - filled_) * per_second);
  filled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

bool token_bucket::full(double per_second, double burst, time_point now) const {
  return tokens_ + seconds(now - filled_) * per_second >= burst;
}

bool source_limit::admit(const asio::ip::address& from, time_point now) {
  const auto key = source_key(from);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= limits_.sources_max) make_room(now);
    found = buckets_.emplace(key, token_bucket(limits_.burst, now)).first;
  }
  return found->second.take(limits_.per_second, limits_.burst, now);
}

// Full buckets say nothing. If most are in use, the table starts anew: a scan a packet would be dearer than what it saves.
void source_limit::make_room(time_point now) {
  std::erase_if(buckets_, [&](const auto& entry) { return entry.second.full(limits_.per_second, limits_.burst, now); });
  if (buckets_.size() > limits_.sources_max / 2) buckets_.clear();
}

}  // namespace phyllo::core

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

void token_bucket::fill(double per_second, double burst, time_point now) {
  tokens_ = std::min(burst, tokens_ + seconds(now - filled_) * per_second);
  filled_ = now;
}

duration token_bucket::owe(double per_second, double burst, time_point now) {
  fill(per_second, burst, now);
  tokens_ = std::max(tokens_ - 1, -seconds(owed_max) * per_second);
  if (tokens_ >= 0) return {};
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(-tokens_ / per_second));
}

bool token_bucket::take(double per_second, double burst, time_point now) {
  fill(per_second, burst, now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

token_bucket& source_limit::bucket_of(const asio::ip::address& from, time_point now) {
  const auto key = source_key(from);
  auto* bucket = buckets_.use(key);
  if (bucket == nullptr) {
    const auto begins_with = buckets_.full() ? buckets_.oldest()->second : token_bucket(limits_.burst, now);
    bucket = &buckets_.try_emplace(key, begins_with).first;
  }
  return *bucket;
}

bool source_limit::admit(const asio::ip::address& from, time_point now) {
  return bucket_of(from, now).take(limits_.per_second, limits_.burst, now);
}

duration source_limit::pace(const asio::ip::address& from, time_point now) {
  return bucket_of(from, now).owe(limits_.per_second, limits_.burst, now);
}

}  // namespace phyllo::core

#include "phyllo/transport/steering.hpp"

#include "phyllo/core/wire.hpp"

namespace phyllo::transport {

steering steering::random(core::environment& env, unsigned shards) {
  const auto r = core::random_u64(env);
  return {shards, static_cast<std::uint32_t>(r >> 32U), static_cast<std::uint32_t>(r)};
}

// The upper half of a product depends on all bits of the address (multiplicative hashing; Knuth, TAOCP 3, s.6.4).
unsigned steering::shard_of(const asio::ip::address& source) const noexcept {
  if (shards_ == 1) return 0;
  std::uint32_t product = 0;
  if (source.is_v4()) {
    product = source.to_v4().to_uint() * low_;
  } else {
    const auto octets = source.to_v6().to_bytes();
    core::wire_reader r(octets);
    const auto first = r.u32();
    product = first * high_ + r.u32() * low_;
  }
  return (product >> 16U) % shards_;
}

}  // namespace phyllo::transport

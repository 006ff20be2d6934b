// Which shard serves whom: all that comes from one address (IPv6: one /64) is for one shard, by a keyed hash of it. So the limits on a
// source, and what is known of it, are of one shard. The kernel reckons the same (port/port_sharing.hpp). Links, STUN and TURN channels by
// UDP are for the first shard, whoever sends them.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>

#include "phyllo/core/environment.hpp"

namespace phyllo::transport {

class steering {
 public:
  steering() = default;  // everybody to the first
  // `shards`: 1 at least; the factors are odd, and random where strangers choose addresses.
  steering(unsigned shards, std::uint32_t high, std::uint32_t low) noexcept : shards_(shards), high_(high | 1U), low_(low | 1U) {}
  [[nodiscard]] static steering random(core::environment& env, unsigned shards);

  [[nodiscard]] unsigned shard_of(const asio::ip::address& source) const noexcept;
  [[nodiscard]] unsigned shards() const noexcept { return shards_; }
  [[nodiscard]] std::uint32_t high() const noexcept { return high_; }  // for IPv6's first 32 bits
  [[nodiscard]] std::uint32_t low() const noexcept { return low_; }    // for its second 32 bits, and IPv4

 private:
  unsigned shards_ = 1;
  std::uint32_t high_ = 1;
  std::uint32_t low_ = 1;
};

}  // namespace phyllo::transport

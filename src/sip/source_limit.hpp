// How many messages one source may send before they are even parsed: a token bucket an address (IPv6: a /64), in a
// table of bounded size.
#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <unordered_map>

#include "phyllo/core/time.hpp"

namespace phyllo::sip {

class source_limit {
 public:
  struct limits {
    double per_second = 2000;
    double burst = 4000;
    std::size_t sources_max = 65'536;
  };
  explicit source_limit(limits l) : limits_(l) {}

  // True: go on. False: drop it, and count that.
  [[nodiscard]] bool admit(const asio::ip::address& from, core::time_point now);

  // From now on; a source keeps the tokens that it has, up to the new burst.
  void limit(double per_second, double burst) {
    limits_.per_second = per_second;
    limits_.burst = burst;
  }

  [[nodiscard]] std::size_t sources() const noexcept { return buckets_.size(); }

 private:
  struct bucket {
    double tokens = 0;
    core::time_point filled;
  };
  void make_room(core::time_point now);

  limits limits_;
  std::unordered_map<std::uint64_t, bucket> buckets_;  // IPv4, or the first half of IPv6
};

}  // namespace phyllo::sip

// Bounds failed log-ins per address and minute. A pure machine.
#pragma once

#include <asio/ip/address.hpp>
#include <cstddef>
#include <list>
#include <map>

#include "phyllo/core/time.hpp"

namespace phyllo::enrollment {

// An attempt counts as failed from its start, so that a burst in flight is bounded too, until it is forgiven. IPv6
// addresses count by /64, the least that one customer has.
class attempt_limiter {
 public:
  explicit attempt_limiter(unsigned attempts_per_minute) : limit_(attempts_per_minute) {}

  // False: the address has no attempt left in its minute.
  [[nodiscard]] bool begin(const asio::ip::address& from, core::time_point now);
  void forgive(const asio::ip::address& from);
  void limit(unsigned attempts_per_minute) { limit_ = attempts_per_minute; }
  [[nodiscard]] std::size_t size() const noexcept { return by_address_.size(); }

  static constexpr std::size_t addresses_max = 16384;  // then the oldest minute is forgotten

 private:
  struct minute {
    unsigned attempts = 0;
    core::time_point ends;
    std::list<asio::ip::address>::iterator age;
  };
  void forget_past(core::time_point now);
  void forget_oldest();

  unsigned limit_;
  std::map<asio::ip::address, minute> by_address_;
  std::list<asio::ip::address> oldest_first_;
};

}  // namespace phyllo::enrollment

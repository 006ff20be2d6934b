// Bounds failed log-ins per address and minute. A pure machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::enrollment {

// An attempt counts as failed from its start, so that a burst in flight is bounded too, until it is forgiven. Who is counted is a
// login_place::host.
class attempt_limiter {
 public:
  attempt_limiter(unsigned attempts_per_minute, const core::hash_key& key) : limit_(attempts_per_minute), minutes_(hosts_max, key) {}

  // False: the host has no attempt left in its minute.
  [[nodiscard]] bool begin(std::uint64_t host, core::time_point now);
  void forgive(std::uint64_t host);
  void limit(unsigned attempts_per_minute) { limit_ = attempts_per_minute; }
  [[nodiscard]] std::size_t size() const noexcept { return minutes_.size(); }

  static constexpr std::size_t hosts_max = 16384;

 private:
  struct minute {
    unsigned attempts = 0;
    core::time_point ends;
  };

  unsigned limit_;
  core::bounded_map<std::uint64_t, minute> minutes_;
};

}  // namespace phyllo::enrollment

// The storage times that a writer gives its values (storage.md, W, writers): after what is stored, and by the own clock, as far as the
// root's allows it.
#pragma once

#include <cstdint>

#include "reload/message.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

class storage_times {
 public:
  static constexpr std::uint64_t ahead_max_ms = 60'000;  // of what is written anew: its storage time, of the root's clock

  // What one store has met so far.
  struct bounds {
    std::uint64_t stored = 0;
    std::uint64_t root_clock = ~std::uint64_t{0};  // said by one that found ours ahead
    bool followed = false;                         // what stands was followed
    bool lets_go = false;                          // a root would not have that: what is of a time to come gives way there
    void stands(std::uint64_t at) noexcept { stored = lets_go ? 0 : at; }
  };

  // `ring` outlives it.
  explicit storage_times(const surroundings& ring) : ring_(ring) {}

  [[nodiscard]] std::uint64_t next(bounds& b);
  // Whether another storage time may do: an error of ours that says so, which sets the bounds.
  [[nodiscard]] bool another_may_do(const error_response& e, bounds& b) const;

 private:
  const surroundings& ring_;
  std::uint64_t last_ = 0;
};

}  // namespace phyllo::overlay

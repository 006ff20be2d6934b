// Whether the peer of a link has been silent for long though it is spoken to: its host may be gone, or only the way to it. A pure machine.
#pragma once

#include <chrono>

#include "phyllo/core/time.hpp"

namespace phyllo::transport {

class silence_watch {
 public:
  static constexpr core::duration silence_max = std::chrono::milliseconds(1500);  // then other ways are tried

  explicit silence_watch(core::time_point now) : heard_(now) {}

  void hear(core::time_point now) noexcept {
    heard_ = now;
    told_ = false;
  }
  [[nodiscard]] core::time_point heard() const noexcept { return heard_; }
  // It is too long ago, and that was not told since.
  [[nodiscard]] bool due(core::time_point now) const noexcept { return !told_ && now - heard_ >= silence_max; }
  void tell() noexcept { told_ = true; }

 private:
  core::time_point heard_;
  bool told_ = false;
};

}  // namespace phyllo::transport

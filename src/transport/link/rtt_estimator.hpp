// Round-trip time and retransmission time-out of one link (RFC 6298 with RFC 6940 s.6.6.3.1's exceptions).
#pragma once

#include <algorithm>

#include "phyllo/core/time.hpp"

namespace phyllo::transport {

class rtt_estimator {
 public:
  // The bounds of the Pastry plug-in's specification: a suspicion shall come neither at once nor late.
  static constexpr core::duration rto_min = std::chrono::milliseconds(50);
  static constexpr core::duration rto_max = std::chrono::seconds(1);
  // RFC 6940 s.6.6.3.1: "the default value for RTO is 500 ms".
  static constexpr core::duration rto_initial = std::chrono::milliseconds(500);

  void sample(core::duration r) noexcept {
    if (srtt_ == core::duration::zero()) {  // RFC 6298 (2.2)
      srtt_ = std::max(r, core::duration(1));
      rttvar_ = r / 2;
      return;
    }
    const auto deviation = srtt_ > r ? srtt_ - r : r - srtt_;
    rttvar_ = (rttvar_ * 3 + deviation) / 4;  // RFC 6298 (2.3), beta = 1/4, alpha = 1/8
    srtt_ = (srtt_ * 7 + r) / 8;
  }

  [[nodiscard]] core::duration srtt() const noexcept { return srtt_; }
  [[nodiscard]] core::duration rto() const noexcept {
    if (srtt_ == core::duration::zero()) return rto_initial;
    // RFC 6940 rounds up to the nearest millisecond.
    return std::clamp<core::duration>(std::chrono::ceil<std::chrono::milliseconds>(srtt_ + rttvar_ * 4), rto_min, rto_max);
  }

 private:
  core::duration srtt_{};
  core::duration rttvar_{};
};

}  // namespace phyllo::transport

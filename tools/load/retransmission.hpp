// When a request is sent again, and when it is given up (RFC 3261 s.17.1.1.2, s.17.1.2.2).
#pragma once

#include <algorithm>
#include <cstdint>

#include "phyllo/core/time.hpp"

namespace phyllo::load {

struct sip_timing {
  core::duration t1 = std::chrono::milliseconds(500);
  core::duration t2 = std::chrono::seconds(4);
  core::duration give_up = std::chrono::seconds(32);  // 64*T1: Timers B and F
  bool reliable = false;                              // TCP, TLS, WebSocket: nothing is sent again
};

class retransmission {
 public:
  enum class step : std::uint8_t { nothing, again, give_up };

  void begin(core::time_point now, const sip_timing& t) {
    deadline_ = now + t.give_up;
    interval_ = t.t1;
    again_ = t.reliable ? core::time_point::max() : now + interval_;
  }
  // A provisional response came: an INVITE is not sent again, another request every T2.
  void hear(core::time_point now, const sip_timing& t, bool invite) {
    if (t.reliable) return;
    again_ = invite ? core::time_point::max() : now + t.t2;
    interval_ = t.t2;
  }
  [[nodiscard]] core::time_point due() const noexcept { return std::min(again_, deadline_); }
  // What is to be done now. Another request than INVITE waits T2 at most.
  [[nodiscard]] step pass(core::time_point now, const sip_timing& t, bool invite) {
    if (now >= deadline_) return step::give_up;
    if (now < again_) return step::nothing;
    interval_ = invite ? interval_ * 2 : std::min(interval_ * 2, t.t2);
    again_ = now + interval_;
    return step::again;
  }

 private:
  core::time_point again_{}, deadline_{};
  core::duration interval_{};
};

}  // namespace phyllo::load

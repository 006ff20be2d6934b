// A client's STUN transaction (RFC 8489 s.6.2): when its request is sent again, and when it is given up.
#pragma once

#include <chrono>
#include <cstdint>

#include "phyllo/core/time.hpp"

namespace phyllo::stun {

struct transaction_timing {
  // s.6.2.1: "a STUN client SHOULD use an RTO of 500 ms" where nothing better is known.
  core::duration rto = std::chrono::milliseconds(500);
  unsigned rc = 7;  // "Rc SHOULD be configurable and SHOULD have a default of 7"
  unsigned rm = 16;
  // s.6.2.2: over TCP and TLS "a timeout of Ti ... default 39.5 s", and nothing is sent again.
  core::duration ti = std::chrono::milliseconds(39'500);
};

// Pure: tell it the time, and it says what is to be done.
class client_transaction {
 public:
  enum class action : std::uint8_t {
    wait,  // until next()
    send,  // the request, by the same octets
    fail,  // nobody answered
  };

  [[nodiscard]] static client_transaction over_datagrams(core::time_point now, const transaction_timing& t = {}) noexcept;
  [[nodiscard]] static client_transaction over_stream(core::time_point now, const transaction_timing& t = {}) noexcept;

  // What is due: once over a stream, and first over datagrams, `send`.
  [[nodiscard]] action at(core::time_point now) noexcept;
  [[nodiscard]] core::time_point next() const noexcept { return next_; }
  [[nodiscard]] unsigned sent() const noexcept { return sent_; }
  // How long the answer took that comes now; only where the request was sent once is it known which was answered (Karn).
  [[nodiscard]] bool measures_rtt() const noexcept { return sent_ == 1; }
  [[nodiscard]] core::duration rtt(core::time_point now) const noexcept { return now - began_; }

 private:
  client_transaction(core::time_point now, core::duration interval, unsigned sends, core::duration last) noexcept
      : began_(now), next_(now), interval_(interval), sends_(sends), last_(last) {}

  core::time_point began_;
  core::time_point next_;
  core::duration interval_;  // until the request is sent once more
  unsigned sends_;           // in all
  core::duration last_;      // how long the last one is waited for
  unsigned sent_ = 0;
};

}  // namespace phyllo::stun

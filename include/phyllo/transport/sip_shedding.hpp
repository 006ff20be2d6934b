// What is dropped by the kernel where more SIP arrives than can be read, and what that is judged by.
#pragma once

namespace phyllo::transport {

// Two shares, 0 to 1: of SIP requests that begin something (INVITE, REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, PUBLISH).
struct sip_shares {
  double first = 0;      // of those without credentials
  double answering = 0;  // of those with some, which for the most part answer a challenge: half of their work is done

  [[nodiscard]] bool operator==(const sip_shares&) const = default;
};

struct socket_load {
  unsigned dropped = 0;  // datagrams, as asked for or for want of room
  double filled = 0;     // 0 to 1: how full the fullest socket is
};

}  // namespace phyllo::transport

// What is dropped by the kernel where more SIP arrives than can be read, and what that is judged by.
#pragma once

#include <string_view>

namespace phyllo::transport {

// Where this stands in a request, it goes on with what was begun: credentials, or the token of a dialog.
inline constexpr std::string_view sip_goes_on = "Authorization";

// Two shares, 0 to 1: of SIP requests that may begin something (INVITE, REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, PUBLISH).
struct sip_shares {
  double first = 0;      // of those without that word
  double answering = 0;  // of those with it, which for the most part answer a challenge: half of their work is done

  [[nodiscard]] bool operator==(const sip_shares&) const = default;
};

struct socket_load {
  unsigned dropped = 0;  // datagrams, as asked for or for want of room
  double filled = 0;     // 0 to 1: how full the fullest socket is
};

}  // namespace phyllo::transport

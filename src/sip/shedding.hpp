// Which SIP the kernel drops unread where more arrives than can be read, and what that is judged by.
#pragma once

#include <array>
#include <string_view>

#include "phyllo/transport/datagram_filter.hpp"

namespace phyllo::sip {

// Where this stands in a request, it goes on with what was begun: credentials, or the token of a dialog.
inline constexpr std::string_view going_on = "Authorization";

// Requests that may begin something.
inline constexpr std::array<std::string_view, 6> new_requests{"INVITE", "REGISTER", "OPTIONS", "MESSAGE", "SUBSCRIBE", "PUBLISH"};

inline constexpr transport::drop_rule unread_rule{.beginnings = new_requests, .mark = going_on};

// Two shares of them, 0 to 1.
struct sip_shares {
  double first = 0;      // of those without that word
  double answering = 0;  // of those with it, which for the most part answer a challenge: half of their work is done

  [[nodiscard]] bool operator==(const sip_shares&) const = default;
};

}  // namespace phyllo::sip

// What the kernel drops of the datagrams that come, at random and unread: for what comes in such numbers that to read and refuse it would
// take the time for all else.
#pragma once

#include <span>
#include <string_view>

namespace phyllo::transport {

// Which datagrams there is a choice among; all others pass.
struct drop_rule {
  std::span<const std::string_view> beginnings;  // those that begin with the first four octets of one of these
  std::string_view mark;                         // of eleven octets at least: where it stands in such a one, another share is dropped
};

// Shares to be dropped, 0 to 1.
struct drop_shares {
  double unmarked = 0;
  double marked = 0;

  [[nodiscard]] bool operator==(const drop_shares&) const = default;
};

struct socket_load {
  unsigned dropped = 0;  // datagrams, as asked for or for want of room
  double filled = 0;     // 0 to 1: how full the fullest socket is
};

}  // namespace phyllo::transport

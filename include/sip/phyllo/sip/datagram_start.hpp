// What a datagram of text is, by its first line: before anything is noted of its sender.
#pragma once

#include "phyllo/core/bytes.hpp"

namespace phyllo::sip {

enum class datagram_start {
  message,     // a line of SIP/2.0 stands first, after empty lines if there are any (RFC 3261 s.7)
  keep_alive,  // empty lines alone: they hold a NAT's binding open, and nothing answers them over UDP (RFC 5626 s.4.4.1)
  noise,
};
[[nodiscard]] datagram_start start_of(core::byte_view datagram) noexcept;

}  // namespace phyllo::sip

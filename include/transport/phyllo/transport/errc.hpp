// The errors of tier transport.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::transport {

enum class errc {
  timed_out = 1,         // nobody answered before the deadline
  refused,               // the peer's host refused, or no address worked
  closed,                // the channel is closed
  handshake_failed,      // TLS or DTLS failed; the detail says at what
  certificate_rejected,  // the peer's certificate is not trusted; the detail holds identity's error
  wrong_peer,            // authenticated, but not the node that was asked for
  address_in_use,        // a listening port is taken by another process
  not_permitted,         // the port is privileged and we are not
  malformed,             // bytes that break the protocol
  too_large,             // a message over the limit
  overloaded,            // a bound (connections, handshakes, buffers) is reached
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::transport

template <>
struct std::is_error_code_enum<phyllo::transport::errc> : std::true_type {};

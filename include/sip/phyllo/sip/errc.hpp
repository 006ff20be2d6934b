// The errors of tier sip. A refusal (401, 486) is a reply, not an error.
#pragma once

#include <system_error>

#include "phyllo/core/errc.hpp"

namespace phyllo::sip {

enum class errc {
  malformed = 1,  // not a SIP message; the detail says where
  too_large,      // beyond 16 KiB of headers, 128 header lines, or 64 KiB in all
  timed_out,      // Timer B or F
  unreachable,    // the transport could not deliver
  overloaded,     // a bound on transactions or connections is reached
  closed,         // the service stops
};

[[nodiscard]] std::error_code make_error_code(errc code) noexcept;

}  // namespace phyllo::sip

template <>
struct std::is_error_code_enum<phyllo::sip::errc> : std::true_type {};

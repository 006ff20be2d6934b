// The answer to a request that is larger than is read (RFC 3261 s.21.5.7: 513).
#pragma once

#include <string_view>

#include "message.hpp"

namespace phyllo::sip {

// Of what has come of the request: what names its transaction stands in its first lines, or it has no answer. errc::malformed: that, a
// response, or an ACK. `source`: where it came from.
[[nodiscard]] core::result<message> refuse_too_large(std::string_view begun, const transport::endpoint& source);

}  // namespace phyllo::sip

// Where a response goes (RFC 3261 s.18.2.2, RFC 3581 s.4).
#pragma once

#include "message.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// `request` bears received and rport as the transport stamped them; `from` is where it came from.
//
// Differences from s.18.2.2: maddr is not honoured, since it lets a stranger aim our answers at a third party; and a
// Via that does not parse, or whose sent-by holds a name, leaves the source's address.
[[nodiscard]] destination response_target(const message& request, const source& from);

}  // namespace phyllo::sip

// Where a response goes (RFC 3261 s.18.2.2, RFC 3581 s.4).
#pragma once

#include "message.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// `request` bears received and rport as the transport stamped them; `from` is where it came from.
//
// Over UDP without rport it goes where the request came from, too, unless sent-by names that very address: else a NAT lies between, and
// the port of sent-by is another one there. Whatever a Via says, a response goes to no other address than the request's own.
//
// Differences from s.18.2.2: maddr is not honoured, since it lets a stranger aim our answers at a third party; a Via that does not
// parse, or whose sent-by holds a name, leaves the source's address; and a stream that has closed is not opened anew, since a stranger
// would choose the port. A supernode's is: it must be that node that answers there.
[[nodiscard]] destination response_target(const message& request, const source& from);

}  // namespace phyllo::sip

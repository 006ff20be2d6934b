// A socket filter of the kernel's that drops at random a share of the SIP requests that begin something, before they cost this process
// anything: for what comes in such numbers that to read and refuse it would take the time for all else.
#pragma once

#include "phyllo/transport/sip_shedding.hpp"

namespace phyllo::transport {

// Of datagrams that begin with INVITE, REGISTER, OPTIONS, MESSAGE, SUBSCRIBE or PUBLISH; all others pass. What goes on (sip_goes_on) is
// seen where that stands within the first kilobyte, or so much of it as the kernel's memory for filters allows (net.core.optmem_max).
// Shares of nothing take the filter off. Where the kernel takes no filter nothing is dropped.
void drop_requests(int socket, const sip_shares& dropped);

// `dropped`: since the socket was opened.
[[nodiscard]] socket_load load_of(int socket);

}  // namespace phyllo::transport

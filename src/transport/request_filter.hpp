// A socket filter of the kernel's that drops at random a share of the SIP requests that begin something, before they cost this process
// anything: for what comes in such numbers that to read and refuse it would take the time for all else.
#pragma once

namespace phyllo::transport {

// Of datagrams that begin with INVITE, REGISTER, OPTIONS, MESSAGE, SUBSCRIBE or PUBLISH; all others pass. `share`: from 0, which takes the
// filter off, to 1. Where the kernel takes no filter nothing is dropped.
void drop_requests(int socket, double share);

// How many datagrams the kernel has dropped at this socket since it was opened, by the filter or for want of room.
[[nodiscard]] unsigned dropped_by_kernel(int socket);

}  // namespace phyllo::transport

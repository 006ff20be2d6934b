// A socket filter of the kernel's (classic BPF) that drops at random a share of the datagrams that begin in a certain way, before they cost
// this process anything.
#pragma once

#include "phyllo/transport/datagram_filter.hpp"

namespace phyllo::transport {

// The mark is seen where it stands within the first kilobyte, or so much of it as the kernel's memory for filters allows
// (net.core.optmem_max). Shares of nothing take the filter off. Where the kernel takes no filter nothing is dropped.
void drop_datagrams(int socket, const drop_rule& rule, const drop_shares& dropped);

// `dropped`: since the socket was opened.
[[nodiscard]] socket_load load_of(int socket);

}  // namespace phyllo::transport

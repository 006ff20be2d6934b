// IpAddressPort (RFC 6940 s.6.3.1.1).
//
//   type (1): 1 IPv4, 2 IPv6 | length (1): 6, 18 | address (4, 16) | port (2)
#pragma once

#include "phyllo/core/wire.hpp"
#include "phyllo/transport/endpoint.hpp"

namespace phyllo::overlay {

void write_address_port(core::wire_writer& w, const transport::endpoint& e);
[[nodiscard]] transport::endpoint read_address_port(core::wire_reader& r);  // failure is the reader's
// The same, but an address of a type that is not known is passed over by its length, and is unspecified then.
[[nodiscard]] transport::endpoint read_any_address_port(core::wire_reader& r);

}  // namespace phyllo::overlay

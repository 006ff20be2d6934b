// The host of a SIP URI in its one spelling (RFC 3261 s.25.1, RFC 1034 s.3.1, RFC 5952): what hosts compare by, wherever trust or a
// way hangs on whose host it is.
#pragma once

#include <asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace phyllo::sip {

// The host as an address, if it is one (brackets or none). A v4-mapped IPv6 address is the IPv4 address (RFC 4291 s.2.5.5.2).
[[nodiscard]] std::optional<asio::ip::address> host_address(std::string_view host);

// "example.com" of "Example.COM."; "192.0.2.1" of "[::ffff:192.0.2.1]"; "2001:db8::1" of "[2001:DB8:0::1]". nullopt: neither a name nor an
// address: an empty or endless label, or a last label that begins with a digit ("192.0.2", "0x7f.1"), which some take for an address.
[[nodiscard]] std::optional<std::string> canonical_host(std::string_view host);

// Both are the same host. False where one is none.
[[nodiscard]] bool same_host(std::string_view a, std::string_view b);

}  // namespace phyllo::sip

// What a ClientHello asks for, seen before any handshake (RFC 8446 s.4.1.2, RFC 7301).
#pragma once

#include "phyllo/core/bytes.hpp"

namespace phyllo::transport {

// `record`: the first of a connection, whole. Whether a server would make a link of it: the client names a link's protocol in ALPN, or has
// no ALPN and links are what such clients get here (`by_default`). False for what is no ClientHello.
[[nodiscard]] bool asks_for_link(core::byte_view record, bool by_default) noexcept;

}  // namespace phyllo::transport

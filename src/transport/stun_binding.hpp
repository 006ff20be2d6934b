// The STUN Binding server (RFC 8489 s.6.3): what a request is answered, alike over UDP, TCP and TLS.
#pragma once

#include <optional>

#include "stun_message.hpp"

namespace phyllo::transport {

// To a Binding request of `from`: its mapped address, and `reach` if there is one; or 420. A bare request of 20 bytes is
// answered by 32 (IPv4) or 44 (IPv6): 1.6 and 2.2 times. Nothing else of an answer's content is optional, so that it stays so.
[[nodiscard]] core::bytes answer_binding(const stun_message& request, const endpoint& from, std::optional<core::bytes> reach);

// Allocate, Refresh, Send, Data, CreatePermission and ChannelBind (RFC 8656 s.17): a TURN server's.
[[nodiscard]] bool is_turn(const stun_message& m) noexcept;

}  // namespace phyllo::transport

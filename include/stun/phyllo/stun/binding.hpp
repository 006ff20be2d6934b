// The STUN Binding server (RFC 8489 s.6.3): what a request is answered, alike over UDP, TCP and TLS.
#pragma once

#include <optional>

#include "phyllo/stun/message.hpp"

namespace phyllo::stun {

// To a Binding request of `from`: its mapped address, and `reach` if there is one; or 420. A bare request of 20 bytes is
// answered by 32 (IPv4) or 44 (IPv6): 1.6 and 2.2 times. Nothing else of an answer's content is optional, so that it stays so.
[[nodiscard]] core::bytes answer_binding(const message& request, const core::endpoint& from, std::optional<core::bytes> reach);

}  // namespace phyllo::stun

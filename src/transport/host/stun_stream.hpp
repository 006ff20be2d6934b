// STUN over TCP and TLS (RFC 8489 s.6.2.2): Binding requests are answered until the client hangs up or idles.
#pragma once

#include <memory>

#include "host/host_state.hpp"

namespace phyllo::transport {

// `state` must live until it returns.
core::awaitable<void> serve_stun(host_state& state, std::unique_ptr<stream> s);

}  // namespace phyllo::transport

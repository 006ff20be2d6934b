// Outbound TLS streams, as a web client or with the overlay identity.
#pragma once

#include <memory>

#include "phyllo/transport/host.hpp"
#include "tls/tls_context.hpp"

namespace phyllo::transport {

// `context` must live until it returns. ALPN phyllo-sip and phyllo-reload show the overlay certificate and check the
// peer's; anything else makes a web client. refused, timed_out, handshake_failed, certificate_rejected, malformed.
core::awaitable<core::result<std::unique_ptr<stream>>> open_tls_with(const tls_context& context, asio::ip::address bind, endpoint to,
                                                                     tls_client_options o, core::time_point deadline);

}  // namespace phyllo::transport

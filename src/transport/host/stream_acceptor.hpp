// What an accepted TCP connection goes through: whom a load balancer speaks for, a look at its first bytes, TLS if they say so, ALPN, a
// look inside TLS, then to whoever serves its kind. All before one deadline, so slow peers hold nothing.
#pragma once

#include <memory>

#include "host/host_state.hpp"
#include "port/socket_tools.hpp"

namespace phyllo::transport {

// `state` must live until it returns; `local_port` is where the connection was accepted.
core::awaitable<void> serve_connection(host_state& state, std::shared_ptr<tcp::socket> socket, std::uint16_t local_port);
// The same of one that another shard's host has accepted, after whom a load balancer speaks for.
core::awaitable<void> serve_moved(host_state& state, moved_connection c);

}  // namespace phyllo::transport

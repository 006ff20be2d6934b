// Addresses of a host, by the system's resolver.
#pragma once

#include <asio/ip/address.hpp>
#include <string>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/worker.hpp"

namespace phyllo::transport {

// An address resolves to itself at once; a name on the worker's thread, for getaddrinfo blocks. At most 8 addresses,
// in the system's order (RFC 6724), none of a family that `bind` is not of. refused: none.
core::awaitable<core::result<std::vector<asio::ip::address>>> resolve(core::environment& env, core::worker& w, std::string host,
                                                                      asio::ip::address bind);

}  // namespace phyllo::transport

// Why a listening port could not be opened, in words a person can act on.
#pragma once

#include <fmt/format.h>

#include <asio/error.hpp>

#include "phyllo/core/result.hpp"
#include "phyllo/transport/endpoint.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::transport {

[[nodiscard]] inline core::error explain_bind(const char* protocol, const endpoint& at, const asio::error_code& ec) {
  const auto where = fmt::format("{} {}", protocol, at.text());
  if (ec == asio::error::address_in_use) return core::error(errc::address_in_use, where + ": another process listens there");
  if (ec == asio::error::access_denied) return core::error(errc::not_permitted, where + ": ports below 1024 need CAP_NET_BIND_SERVICE");
  return core::error(errc::refused, where + ": " + ec.message());
}

}  // namespace phyllo::transport

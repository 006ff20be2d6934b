// Where a node can be dialled.
#pragma once

#include <compare>
#include <cstdint>

#include "phyllo/core/endpoint.hpp"

namespace phyllo::transport {

using core::endpoint;

// RELOAD overlay link types (RFC 6940 s.6.5.1.1) that we speak.
enum class link_kind : std::uint8_t { dtls = 3, tls = 4 };

// Where a node can be dialled.
struct candidate {
  link_kind kind = link_kind::dtls;
  transport::endpoint at;
  friend auto operator<=>(const candidate&, const candidate&) = default;
};

}  // namespace phyllo::transport

// Names one link to its two ends, and to nobody else: exported from its TLS session (RFC 8446 s.7.5, RFC 5705).
#pragma once

#include <array>
#include <cstdint>

namespace phyllo::transport {

using link_token = std::array<std::uint8_t, 16>;

}  // namespace phyllo::transport

// From a Resource Name to its Resource-ID: a hash that the topology plug-in chooses, cut to 128 bits (RFC 6940 s.6.4.1, s.10.2; pastry.md).
#pragma once

#include <cstdint>

#include "phyllo/core/bytes.hpp"
#include "phyllo/identity/node_id.hpp"

namespace phyllo::overlay {

enum class resource_hash : std::uint8_t {
  sha256,  // PHYLLO-PASTRY
  sha1,    // CHORD-RELOAD: "The hash of a Resource-ID MUST be computed using SHA-1 ... by truncating"
};

[[nodiscard]] identity::node_id hash_to_resource(resource_hash h, core::byte_view name);

}  // namespace phyllo::overlay

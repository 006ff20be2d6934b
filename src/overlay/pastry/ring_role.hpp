// The role of a peer, a supernode: part of the ring, and of its neighbours' leaf sets.
#pragma once

#include "pastry/role_parts.hpp"

namespace phyllo::overlay {

// A role_maker.
[[nodiscard]] std::unique_ptr<pastry_role> make_ring_role(const role_parts& parts, const peer_options& options);

}  // namespace phyllo::overlay

// The overlay as other shards than its own have it: each call hops to the overlay's shard and comes back.
#pragma once

#include <memory>

#include "phyllo/core/hop.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::overlay {

// Calls are made on `home`; `of` is used on `there`. All three outlive it, and `of` until join() of `there` has returned. Errors are those
// of core::hop, too.
[[nodiscard]] std::unique_ptr<overlay> make_overlay_proxy(core::shard_door& home, core::shard_door& there, overlay& of);

}  // namespace phyllo::overlay

// The way to a key as PathTrack found it, for programs.
#pragma once

#include <nlohmann/json.hpp>

#include "phyllo/node/trace_target.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

// {"name", "key", "from", "hops": [{"hop", "node_id", "rtt_ms", "links", "load", "uptime_s", "routing_table_size",
// "values_stored"}], "root"}; instead of "root" {"stopped": {"error", "message"}} where the way ends before it. What a node
// does not say of itself is left out.
[[nodiscard]] nlohmann::json to_json(const trace_target& t, const overlay::trace_outcome& o);

}  // namespace phyllo::node

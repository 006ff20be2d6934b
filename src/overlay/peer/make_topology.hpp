// The topology plug-in that a configuration document names.
#pragma once

#include <memory>

#include "phyllo/identity/configuration.hpp"
#include "phyllo/overlay/resource_hash.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

// `document` has been parsed, so its plug-in is one that is known here. `up` outlives what is made.
[[nodiscard]] std::unique_ptr<topology_plugin> make_topology(const identity::configuration& document, const topology_parts& parts,
                                                             const peer_options& options, topology_observer& up);

// How its Resource Names become Resource-IDs.
[[nodiscard]] resource_hash hash_of(const identity::configuration& document);

}  // namespace phyllo::overlay

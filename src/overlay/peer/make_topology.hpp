// The topology plug-in that a configuration document names, for a node of one role or the other.
#pragma once

#include <memory>

#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/overlay/resource_hash.hpp"
#include "reload/topology_plugin.hpp"

namespace phyllo::overlay {

// `document` has been parsed, so its plug-in is one that is known here. `up` outlives what is made.
[[nodiscard]] std::unique_ptr<topology_plugin> make_topology(const identity::configuration& document, const topology_parts& parts,
                                                             const peer_options& options, topology_observer& up);

// errc::refused: this overlay takes no node with that certificate as an ordinary one (`client`), or as a peer.
[[nodiscard]] core::status may_join(const identity::configuration& document, const identity::certificate& self, bool client);

// How its Resource Names become Resource-IDs.
[[nodiscard]] resource_hash hash_of(const identity::configuration& document);

}  // namespace phyllo::overlay

#include "peer/make_topology.hpp"

#include "chord/chord_node.hpp"
#include "pastry/client_attachment.hpp"
#include "pastry/pastry.hpp"
#include "pastry/ring_role.hpp"

namespace phyllo::overlay {

std::unique_ptr<topology_plugin> make_topology(const identity::configuration& document, const topology_parts& parts,
                                               const peer_options& options, topology_observer& up) {
  if (document.topology_plugin == identity::chord_topology) return std::make_unique<chord_node>(parts, document.chord, options, up);
  return std::make_unique<pastry>(parts, options, options.client ? make_client_role : make_ring_role, up);
}

core::status may_join(const identity::configuration& document, const identity::certificate& self, bool client) {
  if (!client && !self.may_be_peer()) return core::fail(errc::refused, "the certificate does not give the right to be a peer");
  if (client && document.topology_plugin == identity::chord_topology)
    return core::fail(errc::refused, "an overlay of CHORD-RELOAD takes peers only here: ordinary nodes need PHYLLO-PASTRY");
  return {};
}

resource_hash hash_of(const identity::configuration& document) {
  return document.topology_plugin == identity::chord_topology ? resource_hash::sha1 : resource_hash::sha256;
}

}  // namespace phyllo::overlay

#include "peer/make_topology.hpp"

#include "chord/chord_node.hpp"
#include "pastry/pastry.hpp"

namespace phyllo::overlay {

std::unique_ptr<topology_plugin> make_topology(const identity::configuration& document, const topology_parts& parts,
                                               const peer_options& options, topology_observer& up) {
  if (document.topology_plugin == identity::chord_topology) return std::make_unique<chord_node>(parts, document.chord, options, up);
  return std::make_unique<pastry>(parts, options, up);
}

resource_hash hash_of(const identity::configuration& document) {
  return document.topology_plugin == identity::chord_topology ? resource_hash::sha1 : resource_hash::sha256;
}

}  // namespace phyllo::overlay

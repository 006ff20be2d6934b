// Diagnosis as a node asks for it: Ping (RFC 6940 s.6.5.3), and the way to a node or a key by PathTrack (RFC 7851 s.4.3).
#pragma once

#include <memory>
#include <utility>

#include "peer/lower_layers.hpp"
#include "phyllo/identity/configuration.hpp"

namespace phyllo::overlay {

class diagnostic_asker {
 public:
  // References outlive it. `document` is the one that is in force, from now on.
  diagnostic_asker(core::environment& env, std::shared_ptr<const identity::credential> self, const identity::parsed_configuration& document,
                   lower_layers& below)
      : env_(env), self_(std::move(self)), document_(document), messenger_(below.messages()), ring_(below.ring()) {}

  // As in peer.hpp.
  core::awaitable<core::result<ping_outcome>> ping(destination_list to, core::duration timeout);
  core::awaitable<core::result<trace_outcome>> trace(destination target, core::duration timeout);

 private:
  // What one node on the way says of itself, and which is the next.
  core::awaitable<core::result<std::pair<trace_hop, node_id>>> hop_at(node_id before, node_id node, destination target,
                                                                      core::time_point deadline);
  [[nodiscard]] const node_id& self() const { return self_->certificate.node(); }

  core::environment& env_;
  std::shared_ptr<const identity::credential> self_;
  const identity::parsed_configuration& document_;
  messenger& messenger_;
  const ring_knowledge& ring_;
};

}  // namespace phyllo::overlay

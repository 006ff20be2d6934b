// What happens in an overlay, as the node's other parts hear of it: one interface, of which each takes what concerns it. The rest a node
// asks for: peer::status(), and watches on records.
#pragma once

#include "phyllo/identity/configuration.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

// Calls come on the overlay's executor, from the midst of its work: they take note, and await nothing. They come from whichever role the
// node has, and not while it has none.
class overlay_observer {
 public:
  virtual ~overlay_observer() = default;
  // The leaf set (CHORD-RELOAD: the Neighbor Table) has changed, or what is known of one of its members.
  virtual void on_members_changed() {}
  // This document is in force from now on, however it came: adopted here, pushed by another node, or fetched from one.
  virtual void on_document(const identity::parsed_configuration&) {}
  // A Ping to a Resource-ID was delivered here, as at the key's root.
  virtual void on_delivered(const resource_id&) {}
};

}  // namespace phyllo::overlay

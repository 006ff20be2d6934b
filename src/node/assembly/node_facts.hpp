// What a node's state is told by, and what it comes to: the state and its reason in /status, and /healthz. Pure.
#pragma once

#include <optional>
#include <string>

#include "admin/admin.hpp"
#include "admin/node_status.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

struct node_facts {
  node_state state = node_state::joining;  // joining, ready or draining: how far it has come
  std::string waiting_for;                 // while it joins
  overlay::peer_status ring;               // what the peer says; before there is one, no more than the clock as servers say it
  bool alone = false;                      // no other node is in the ring
  bool lost_others = false;                // and that is not as it should be
  std::optional<std::string> lack;         // what it is configured to serve and can not
  std::optional<std::string> disk;         // what keeps it from writing
};

struct node_verdict {
  node_state state = node_state::joining;
  std::string reason;  // why it is not ready; empty: it is
};
[[nodiscard]] node_verdict verdict_of(const node_facts& f);

// `probed`: what the last put and get came to, of a node that is ready. The gravest reason is told.
[[nodiscard]] health health_of(const node_facts& f, health probed);

}  // namespace phyllo::node
